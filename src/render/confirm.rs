//! The mail that asks whoever typed in an address to confirm it; plain text, with one link.

use super::clean;
use crate::model::{Lang, RenderedDigest};
use askama::Template;

/// The digest under which these mails stand in the outbox; no `[[digest]]` can have this id.
pub const DIGEST: &str = "confirm";

struct Words {
    subject: &'static str,
    asked: &'static str,
    press: &'static str,
    /// `{n}`.
    within: &'static str,
    ignore: &'static str,
}

#[derive(Template)]
#[template(path = "confirm/subject.txt")]
struct Subject<'a> {
    words: &'a Words,
}

#[derive(Template)]
#[template(path = "confirm/body.txt")]
struct Body<'a> {
    words: &'a Words,
    titles: Vec<String>,
    link: &'a str,
    within: String,
}

/// `titles`: of the digests that were asked for.
pub fn mail(titles: &[&str], link: &str, days: i64, lang: Lang) -> Result<RenderedDigest, askama::Error> {
    let words = match lang {
        Lang::En | Lang::Other => &EN,
        Lang::Ur => &UR,
        Lang::Ps => &PS,
        Lang::Fa => &FA,
    };
    let titles = titles.iter().map(|title| clean::shortened(title, 80)).collect();
    let body = Body { words, titles, link, within: words.within.replace("{n}", &days.to_string()) };
    Ok(RenderedDigest { subject: clean::line(&Subject { words }.render()?), text: body.render()?, html: None })
}

const EN: Words = Words {
    subject: "Please confirm: do you want this digest?",
    asked: "Somebody, probably you, typed in this address to get:",
    press: "If it was you, open this page and press the button:",
    within: "The link is good for {n} days.",
    ignore: "If it was not you, do nothing: you will get no digest,\nand this address is erased when the link ends.",
};

const UR: Words = Words {
    subject: "تصدیق کیجیے: کیا آپ یہ خبرنامہ چاہتے ہیں؟",
    asked: "کسی نے، غالباً آپ نے، یہ پتہ اس خبرنامے کے لیے درج کیا:",
    press: "اگر یہ آپ تھے تو یہ صفحہ کھولیں اور بٹن دبائیں:",
    within: "یہ ربط {n} دن کارآمد ہے۔",
    ignore: "اگر یہ آپ نہیں تھے تو کچھ نہ کریں: کوئی خبرنامہ نہیں آئے گا،\nاور ربط کی مدت ختم ہونے پر یہ پتہ مٹا دیا جائے گا۔",
};

const PS: Words = Words {
    subject: "مهرباني وکړئ تایید یې کړئ: دا خبرپاڼه غواړئ؟",
    asked: "چا، ښايي تاسو، دا پته د دې خبرپاڼې لپاره لیکلې ده:",
    press: "که تاسو وئ، دا پاڼه پرانیزئ او تڼۍ کېکاږئ:",
    within: "دا لینک {n} ورځې کار کوي.",
    ignore: "که تاسو نه وئ، هېڅ مه کوئ: خبرپاڼه به نه درځي،\nاو د لینک له پای ته رسېدو سره به دا پته ړنګه شي.",
};

const FA: Words = Words {
    subject: "لطفاً تأیید کنید: این خبرنامه را می‌خواهید؟",
    asked: "کسی، احتمالاً خود شما، این نشانی را برای این خبرنامه نوشته است:",
    press: "اگر شما بودید، این صفحه را باز کنید و دکمه را بزنید:",
    within: "این پیوند {n} روز اعتبار دارد.",
    ignore: "اگر شما نبودید، کاری نکنید: خبرنامه‌ای نخواهد آمد\nو با پایان اعتبار پیوند این نشانی پاک می‌شود.",
};
