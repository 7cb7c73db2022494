//! Names of time zones as they stand at the end of a date.

/// Seconds east of UTC. Names with two meanings (IST, BST, CST) take the one most feeds mean.
pub(super) fn offset(name: &str) -> Option<i32> {
    let minutes = match name {
        "z" | "ut" | "utc" | "gmt" | "wet" | "zulu" => 0,
        "pkt" => 300,
        "aft" => 270,
        "irst" => 210,
        "irdt" => 270,
        "ist" => 330,
        "npt" => 345,
        "bst" | "cet" | "met" | "mez" | "wat" | "west" | "wedt" => 60,
        "cest" | "mest" | "mesz" | "eet" | "sast" | "cat" => 120,
        "eest" | "msk" | "eat" | "ast-arabia" | "trt" => 180,
        "msd" | "gst" => 240,
        "uzt" | "tjt" | "tmt" | "yekt" | "mvt" => 300,
        "almt" | "kgt" => 360,
        "ict" | "wib" => 420,
        "hkt" | "sgt" | "pht" | "awst" | "myt" => 480,
        "jst" | "kst" => 540,
        "acst" => 570,
        "aest" => 600,
        "acdt" => 630,
        "aedt" => 660,
        "nzst" => 720,
        "nzdt" => 780,
        "brt" | "art" | "adt" => -180,
        "nst" => -210,
        "ndt" => -150,
        "ast" | "edt" | "et/d" => -240,
        "est" | "cdt" | "et" => -300,
        "cst" | "mdt" | "ct" => -360,
        "mst" | "pdt" | "mt" => -420,
        "pst" | "akdt" | "pt" => -480,
        "akst" => -540,
        "hst" => -600,
        _ => return None,
    };
    Some(minutes * 60)
}
