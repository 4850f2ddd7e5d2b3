//! A network that is kept on disk is the same when it is read, in everything that can be asked of it.

use pleach::survey::Survey;
use pleach_graph::{NetworkGraph, Problems, Tree, stored};
use proptest::prelude::*;

use crate::run::{self, Settings};
use crate::{operator, records};

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn networks_of_files_read_back(files in operator::files(), settings in run::settings()) {
        assert_read_back(files.read(), &settings);
    }

    #[test]
    fn networks_of_records_read_back(made in records::records(), settings in run::settings()) {
        assert_read_back(made.build(), &settings);
    }

    #[test]
    fn problems_read_back(files in operator::files(), settings in run::settings()) {
        let built = files.read();
        let config = settings.config(&built.0);
        let survey = run::survey(built, &config);
        let (rooted, _) = survey.shapers(&config.shaper).expect("roots are in the network");
        let problems = survey.problems(&survey.views(&rooted));
        let mut bytes = Vec::new();
        stored::write_problems(&problems, &mut bytes).expect("memory can be written");
        prop_assert_eq!(stored::read_problems(&bytes[..]).expect("what is written can be read"), problems);
    }
}

fn assert_read_back((network, problems): (NetworkGraph, Problems), settings: &Settings) {
    let bytes = written(&network);
    let again = stored::read(&bytes[..]).expect("what is written can be read");
    assert_same(&network, &again);
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    assert_eq!(text(&written(&again)), text(&bytes), "it is written as the same bytes");
    let config = settings.config(&network);
    let surveys = [run::survey((network, problems.clone()), &config), run::survey((again, problems), &config)];
    let [files, files_again] = surveys.each_ref().map(|survey| run::files(survey, &config));
    assert_eq!(files, files_again, "every shaper's files");
    let [found, found_again] = surveys.each_ref().map(|survey| found(survey, &config));
    assert_eq!(found, found_again, "every problem");
}

fn written(network: &NetworkGraph) -> Vec<u8> {
    let mut bytes = Vec::new();
    stored::write(network, &mut bytes).expect("memory can be written");
    bytes
}

fn found(survey: &Survey, config: &pleach::config::Config) -> Vec<pleach_graph::Problem> {
    let (rooted, _) = survey.shapers(&config.shaper).expect("roots are in the network");
    survey.problems(&survey.views(&rooted))
}

fn assert_same(network: &NetworkGraph, again: &NetworkGraph) {
    assert_eq!(network.node_count(), again.node_count());
    assert_eq!(network.links().len(), again.links().len());
    assert_eq!(network.documents(), again.documents());
    assert_eq!(network.set_aside(), again.set_aside());
    assert_eq!(network.bypass(), again.bypass());
    assert!(network.circuits().iter().eq(again.circuits().iter()));
    for (index, node) in network.nodes() {
        assert_eq!(node, again.node(index));
        assert_eq!(again.find(&node.id), Some(index));
        assert_eq!(network.is_junction(index), again.is_junction(index), "{}", node.id);
        assert!(network.links_of(index).eq(again.links_of(index)), "the links of {}", node.id);
        assert!(network.stated_reasons(index).eq(again.stated_reasons(index)), "the reasons of {}", node.id);
        assert_eq!(network.circuits().id(network, index), again.circuits().id(again, index));
        assert_eq!(network.owner(index), again.owner(index));
        let trees = [network, again].map(|network| Tree::grow(network, index));
        let [tree, tree_again] = trees.each_ref().map(|tree| format!("{:?}", tree.places()));
        assert_eq!(tree, tree_again, "the tree at {}", node.id);
    }
    for link in network.links() {
        assert_eq!(network.link_id(link), again.link_id(link));
        assert_eq!(network.ends(link), again.ends(link));
        assert_eq!(network.link(link), again.link(link));
    }
}
