//! The words of what a reader may choose, in the four languages.

use crate::model::{Lang, MailFormat, Scope};

/// One language's words. A field per label: a language that lacks one does not compile.
#[derive(Debug)]
pub struct ChoiceWords {
    pub scopes_heading: &'static str,
    pub bilateral: &'static str,
    pub pakistan: &'static str,
    pub afghanistan: &'static str,
    pub kinds_heading: &'static str,
    pub news: &'static str,
    pub reads_heading: &'static str,
    pub stories: &'static str,
    pub as_usual: &'static str,
    pub format: &'static str,
    pub both: &'static str,
    pub html: &'static str,
    pub text: &'static str,
    pub days_heading: &'static str,
    pub mon: &'static str,
    pub tue: &'static str,
    pub wed: &'static str,
    pub thu: &'static str,
    pub fri: &'static str,
    pub sat: &'static str,
    pub sun: &'static str,
    pub zone: &'static str,
    pub language: &'static str,
    pub no_day: &'static str,
}

impl ChoiceWords {
    pub fn of(lang: Lang) -> &'static ChoiceWords {
        match lang {
            Lang::En | Lang::Other => &EN,
            Lang::Ur => &UR,
            Lang::Ps => &PS,
            Lang::Fa => &FA,
        }
    }

    pub fn scopes(&self) -> [(Scope, &'static str); 3] {
        [(Scope::Bilateral, self.bilateral), (Scope::Pk, self.pakistan), (Scope::Af, self.afghanistan)]
    }

    pub fn formats(&self) -> [(MailFormat, &'static str); 3] {
        [(MailFormat::Both, self.both), (MailFormat::Html, self.html), (MailFormat::Text, self.text)]
    }

    /// Monday first.
    pub fn days(&self) -> [&'static str; 7] {
        [self.mon, self.tue, self.wed, self.thu, self.fri, self.sat, self.sun]
    }
}

const EN: ChoiceWords = ChoiceWords {
    scopes_heading: "About",
    bilateral: "both countries together",
    pakistan: "Pakistan",
    afghanistan: "Afghanistan",
    kinds_heading: "Kinds of text",
    news: "News",
    reads_heading: "Languages you read",
    stories: "Stories at most",
    as_usual: "as usual",
    format: "Form of the mail",
    both: "with colours, and as plain text",
    html: "with colours only",
    text: "plain text only",
    days_heading: "Days",
    mon: "Monday",
    tue: "Tuesday",
    wed: "Wednesday",
    thu: "Thursday",
    fri: "Friday",
    sat: "Saturday",
    sun: "Sunday",
    zone: "Time zone",
    language: "Language of the mail",
    no_day: "None ticked: as usual.",
};

const UR: ChoiceWords = ChoiceWords {
    scopes_heading: "کس بارے میں",
    bilateral: "دونوں ممالک کے معاملات",
    pakistan: "پاکستان",
    afghanistan: "افغانستان",
    kinds_heading: "تحریر کی قسمیں",
    news: "خبر",
    reads_heading: "آپ کون سی زبانیں پڑھتے ہیں",
    stories: "زیادہ سے زیادہ خبریں",
    as_usual: "معمول کے مطابق",
    format: "ای میل کی شکل",
    both: "رنگین اور سادہ دونوں",
    html: "صرف رنگین",
    text: "صرف سادہ متن",
    days_heading: "دن",
    mon: "پیر",
    tue: "منگل",
    wed: "بدھ",
    thu: "جمعرات",
    fri: "جمعہ",
    sat: "ہفتہ",
    sun: "اتوار",
    zone: "وقت کا علاقہ",
    language: "ای میل کی زبان",
    no_day: "کوئی نہ چنیں تو معمول کے مطابق۔",
};

const PS: ChoiceWords = ChoiceWords {
    scopes_heading: "په اړه",
    bilateral: "د دواړو هېوادونو چارې",
    pakistan: "پاکستان",
    afghanistan: "افغانستان",
    kinds_heading: "د لیکنو ډولونه",
    news: "خبر",
    reads_heading: "هغه ژبې چې لولئ",
    stories: "تر ټولو ډېر خبرونه",
    as_usual: "د تل په څېر",
    format: "د برېښنالیک بڼه",
    both: "رنګین او ساده دواړه",
    html: "یوازې رنګین",
    text: "یوازې ساده متن",
    days_heading: "ورځې",
    mon: "دوشنبه",
    tue: "سه‌شنبه",
    wed: "چهارشنبه",
    thu: "پنجشنبه",
    fri: "جمعه",
    sat: "شنبه",
    sun: "یکشنبه",
    zone: "د وخت سیمه",
    language: "د برېښنالیک ژبه",
    no_day: "که هېڅ ونه ټاکئ، د تل په څېر.",
};

const FA: ChoiceWords = ChoiceWords {
    scopes_heading: "دربارهٔ",
    bilateral: "امور مشترک دو کشور",
    pakistan: "پاکستان",
    afghanistan: "افغانستان",
    kinds_heading: "گونه‌های نوشته",
    news: "خبر",
    reads_heading: "زبان‌هایی که می‌خوانید",
    stories: "بیشترین شمار خبر",
    as_usual: "مثل همیشه",
    format: "شکل ایمیل",
    both: "رنگی و سادهٔ متنی",
    html: "فقط رنگی",
    text: "فقط متن ساده",
    days_heading: "روزها",
    mon: "دوشنبه",
    tue: "سه‌شنبه",
    wed: "چهارشنبه",
    thu: "پنجشنبه",
    fri: "جمعه",
    sat: "شنبه",
    sun: "یکشنبه",
    zone: "منطقهٔ زمانی",
    language: "زبان ایمیل",
    no_day: "اگر هیچ‌کدام را انتخاب نکنید، مثل همیشه.",
};
