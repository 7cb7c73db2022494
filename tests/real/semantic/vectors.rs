//! What the model makes of texts, against numbers of another implementation.

use super::{copy_of_model, model};
use khyber::semantic::{SentenceModel, fingerprint};

/// By numpy and the `tokenizers` package from the same files: mean over tokens, length one.
const REFERENCE: [(&str, [f32; 6]); 3] = [
    ("Torkham crossing reopens after five days of closure", [0.0108, -0.0196, 0.0392, 0.0314, -0.0515, 0.0456]),
    (
        "Trucks roll again at the Pakistan–Afghanistan border after a five-day halt",
        [-0.0437, 0.0504, 0.0258, 0.0613, 0.0635, -0.0662],
    ),
    (
        "Polio drive starts in Kandahar and Helmand. Health workers began a four-day vaccination drive, the ministry said.",
        [0.0153, 0.0776, -0.029, -0.0108, -0.0219, 0.0402],
    ),
];
/// Longer than the 256 tokens that the model takes.
const LONG: [f32; 6] = [0.0007, 0.0031, -0.0165, -0.0473, 0.0287, 0.053];

fn near(vector: &[f32], reference: &[f32]) {
    for (x, y) in vector.iter().zip(reference) {
        assert!((x - y).abs() < 1e-3, "{:?}, not {reference:?}", &vector[..6]);
    }
}

pub fn reference() {
    let model = SentenceModel::open(&model()).unwrap();
    let mut texts: Vec<String> = REFERENCE.iter().map(|(text, _)| (*text).to_owned()).collect();
    texts.push("border ".repeat(600));
    let vectors: Vec<Vec<f32>> = model.embed(&texts).unwrap().into_iter().map(Option::unwrap).collect();
    for (vector, (_, reference)) in vectors.iter().zip(&REFERENCE) {
        near(vector, reference);
    }
    near(&vectors[3], &LONG);
    let length: f32 = vectors[0].iter().map(|x| x * x).sum();
    assert!((length - 1.0).abs() < 1e-4 && vectors[0].len() == 384);
    // The first two tell one event in other words.
    let like = |a: usize, b: usize| -> f32 { vectors[a].iter().zip(&vectors[b]).map(|(x, y)| x * y).sum() };
    assert!((like(0, 1) - 0.2852).abs() < 1e-3 && (like(0, 2) - 0.1600).abs() < 1e-3);
}

/// Padding is not read.
pub fn batches() {
    let model = SentenceModel::open(&model()).unwrap();
    let texts: Vec<String> = (1..40).map(|words| "trucks at the border ".repeat(words)).collect();
    let together = model.embed(&texts).unwrap();
    for at in [0, 15, 16, 38] {
        let alone = model.embed(&texts[at..=at]).unwrap();
        near(together[at].as_deref().unwrap(), alone[0].as_deref().unwrap());
    }
    assert!(model.embed(&[]).unwrap().is_empty());
}

pub fn scripts() {
    let model = SentenceModel::open(&model()).unwrap();
    let read = |text: &str| model.embed(&[text.to_owned()]).unwrap()[0].is_some();
    assert!(read("Torkham border reopens"));
    assert!(read("Torkham, the crossing that is طورخم in Urdu, reopens after five days"));
    assert!(!read("طورخم سرحد پانچ روز کی بندش کے بعد دوبارہ کھول دی گئی"));
    assert!(!read("د تورخم دروازه پنځه ورځې وروسته بېرته پرانيستل شوه"));
    assert!(!read("گذرگاه تورخم پس از پنج روز بازگشایی شد"));
    assert!(!read("") && !read("  ") && !read("🙂🙂🙂"));
}

pub fn damaged() {
    let told = |damage: &dyn Fn(&std::path::Path)| {
        let copy = copy_of_model();
        damage(copy.path());
        let error = SentenceModel::open(copy.path()).err().expect("taken although damaged").to_string();
        assert!(error.starts_with(&copy.path().display().to_string()) && !error.contains('\n'), "{error}");
        error
    };
    let weights = std::fs::read(model().join("model.safetensors")).unwrap();
    let cut = told(&|folder| {
        std::fs::remove_file(folder.join("model.safetensors")).unwrap();
        std::fs::write(folder.join("model.safetensors"), &weights[..weights.len() / 2]).unwrap();
    });
    assert!(cut.contains("model.safetensors: "), "{cut}");
    let gone = told(&|folder| std::fs::remove_file(folder.join("model.safetensors")).unwrap());
    assert!(gone.contains("model.safetensors: "), "{gone}");
    let other = told(&|folder| {
        let config = std::fs::read_to_string(folder.join("config.json")).unwrap();
        std::fs::write(folder.join("config.json"), config.replace("1536", "1024")).unwrap();
    });
    assert!(other.contains("model.safetensors: ") && other.contains("shape"), "{other}");
    let tokens = told(&|folder| std::fs::write(folder.join("tokenizer.json"), "{\"version\"").unwrap());
    assert!(tokens.contains("tokenizer.json: "), "{tokens}");
    let pooling = told(&|folder| {
        std::fs::create_dir(folder.join("1_Pooling")).unwrap();
        std::fs::write(folder.join("1_Pooling/config.json"), r#"{"pooling_mode_lasttoken": true}"#).unwrap();
    });
    assert!(pooling.contains("1_Pooling/config.json: wants a pooling other"), "{pooling}");
    let copy = copy_of_model();
    let whole = fingerprint(copy.path()).unwrap();
    std::fs::write(copy.path().join("sentence_bert_config.json"), r#"{"max_seq_length": 64}"#).unwrap();
    assert_ne!(fingerprint(copy.path()).unwrap(), whole);
}
