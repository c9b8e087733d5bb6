use super::*;

#[test]
fn an_instant_reads_as_the_standard_formatting_has_it() {
    for text in [
        "2026-03-04T02:00:00Z",
        "0001-01-01T00:00:00Z",
        "9999-12-30T22:00:00Z",
        "2026-12-31T23:59:59.000000001Z",
        "1969-12-31T23:59:59Z",
        "-000001-06-01T00:00:00Z",
    ] {
        let at: Timestamp = text.parse().unwrap();
        let expected = (at.strftime("%Y%m%dt%H%Mz").to_string(), at.to_string());
        assert_eq!(instant_texts(at), expected, "{text}");
    }
}

#[test]
fn identifiers_never_change_from_one_version_to_the_next() {
    let resource = "cluster-ABC".parse().unwrap();
    let slot = Slot::Scheduled("2026-03-04T02:00:00Z".parse().unwrap());
    let id = |database: &str, slot: &Slot, attempt| {
        recovery_point_id(&"prod".parse().unwrap(), database, &resource, slot, attempt)
    };
    assert_eq!(id("shepherd", &slot, 0), "snapkeep-shepherd-20260304t0200z-b996944f3c");
    let long = id(&format!("{}--{}-", "Long".repeat(8), "x".repeat(30)), &slot, 1);
    assert_eq!(long.len(), ID_CHARS_MAX);
    assert_eq!(long, "snapkeep-longlonglonglonglonglonglong-20260304t0200z-b996954f3c");
    let requested = Slot::Requested("before-migration-42".to_owned());
    assert_eq!(id("-Odd.name_", &requested, 2), "snapkeep-odd-name-before-migration-42-535bfb64cb");
}
