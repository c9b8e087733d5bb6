//! The words of settings: each is read as it is written.

use std::fmt::Debug;
use std::str::FromStr;

use snapkeep_policy::alarm::Format;
use snapkeep_policy::alarm::bridge::Service;

fn is_read_back<T: FromStr<Err = &'static str> + Debug + PartialEq>(it: T, word: &str) {
    assert_eq!(word.parse(), Ok(it));
}

#[test]
fn a_format_is_read_as_it_is_written() {
    let words = ["hybrid", "chat", "cloudwatch", "plain"];
    for (format, word) in Format::ALL.into_iter().zip(words) {
        assert_eq!((format.as_str(), format!("{format:>11}")), (word, format!("{word:>11}")));
        is_read_back(format, word);
    }
    assert_eq!("Plain".parse::<Format>(), Err("hybrid, chat, cloudwatch or plain"));
}

#[test]
fn a_service_is_read_as_it_is_written() {
    for (service, word) in [(Service::Slack, "slack"), (Service::Pagerduty, "pagerduty")] {
        assert_eq!(service.as_str(), word);
        is_read_back(service, word);
    }
    assert_eq!("teams".parse::<Service>(), Err("slack or pagerduty"));
}
