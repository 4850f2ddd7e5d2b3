//! Addresses of an API.

use url::Url;

/// Where an API is: everything it is asked for lies below.
#[derive(Clone, Debug)]
pub(crate) struct Base(Url);

impl Base {
    /// Reads an address from a configuration, and says what is wrong with it.
    pub(crate) fn parse(address: &str) -> Result<Self, &'static str> {
        let url = Url::parse(address.trim()).map_err(|_| "is no address such as `https://uisp.example.net`")?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err("begins neither with `https://` nor with `http://`");
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err("has a user or a password in it, which belong into the keys for them");
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err("has something after `?` or `#`, which an address of an API does not");
        }
        Ok(Self(url))
    }

    pub(crate) fn url(&self) -> &Url {
        &self.0
    }

    /// Whether what is sent can be read on the way.
    pub(crate) fn is_exposed(&self) -> bool {
        let local = match self.0.host() {
            Some(url::Host::Ipv4(address)) => address.is_loopback(),
            Some(url::Host::Ipv6(address)) => address.is_loopback(),
            Some(url::Host::Domain(name)) => name == "localhost",
            None => false,
        };
        self.0.scheme() == "http" && !local
    }

    /// The address of what is at `path` below it. Brackets and the like in the query are written as `%5B`.
    pub(crate) fn join(&self, path: &str, query: &[(&str, &str)]) -> Url {
        let mut url = self.0.clone();
        if !path.is_empty()
            && let Ok(mut segments) = url.path_segments_mut()
        {
            segments.pop_if_empty().extend(path.split('/').filter(|segment| !segment.is_empty()));
        }
        if !query.is_empty() {
            url.query_pairs_mut().extend_pairs(query);
        }
        url
    }
}

/// Whether credentials for `first` may be sent to `second`: scheme, host and port are the same (RFC 6454).
pub(crate) fn same_origin(first: &Url, second: &Url) -> bool {
    first.origin() == second.origin()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_checked_and_joined() {
        for (address, path, joined) in [
            ("https://uisp.example.net", "sites", "https://uisp.example.net/sites"),
            (" https://h:8443/nms/api/v2.1/ ", "/sites", "https://h:8443/nms/api/v2.1/sites"),
            (
                "http://[::1]:80/api/2.0",
                "admin/customers/customer/0/internet-services",
                "http://[::1]/api/2.0/admin/customers/customer/0/internet-services",
            ),
            ("https://h", "a?b/../c#d", "https://h/a%3Fb/c%23d"),
        ] {
            let base = Base::parse(address).expect("it is one");
            assert_eq!(base.join(path, &[]).as_str(), joined);
        }
        let query = [("main_attributes[status]", "active"), ("q", "a&b")];
        let url = Base::parse("https://h/x").expect("it is one").join("y", &query);
        assert_eq!(url.as_str(), "https://h/x/y?main_attributes%5Bstatus%5D=active&q=a%26b");
        for (address, says) in [
            ("", "is no address"),
            ("uisp.example.net", "is no address"),
            ("uisp.example.net:8443/x", "begins neither"),
            ("ftp://h", "begins neither"),
            ("https://me:pw@h", "has a user or a password"),
            ("https://h/?token=x", "has something after"),
        ] {
            assert!(Base::parse(address).is_err_and(|error| error.starts_with(says)), "{address}");
        }
    }

    #[test]
    fn credentials_stay_with_scheme_host_and_port() {
        let url = |text: &str| Url::parse(text).expect("an address");
        let first = url("https://uisp.example.net/a");
        assert!(same_origin(&first, &url("https://UISP.example.net:443/b?c")));
        for other in ["http://uisp.example.net/a", "https://uisp.example.net:8443/a", "https://example.net/a"] {
            assert!(!same_origin(&first, &url(other)), "{other}");
        }
    }

    #[test]
    fn plain_http_is_exposed_unless_it_stays_on_the_host() {
        let exposed = |address| Base::parse(address).expect("it is one").is_exposed();
        assert!(exposed("http://10.0.0.1") && exposed("http://uisp.example.net"));
        assert!(
            ["https://10.0.0.1", "http://127.0.0.1:8080", "http://[::1]", "http://localhost"]
                .into_iter()
                .all(|a| !exposed(a))
        );
    }
}
