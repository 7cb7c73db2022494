//! The words of the pages, in the four languages of the mails.

mod archive;
mod choices;
mod subscribe;

use crate::model::Lang;

pub(super) use archive::ArchiveWords;
pub(super) use choices::ChoiceWords;
pub(super) use subscribe::SubscribeWords;

/// One language's words. A field per label: a language that lacks one does not compile.
#[derive(Debug)]
pub struct Words {
    pub lang: &'static str,
    pub dir: &'static str,
    pub title: &'static str,
    pub nothing_yet: &'static str,
    pub leave_heading: &'static str,
    pub leave_this: &'static str,
    pub leave_all: &'static str,
    pub pause_heading: &'static str,
    pub pause_for: &'static str,
    pub pause: &'static str,
    /// `{n}`.
    pub days: &'static str,
    pub choose_heading: &'static str,
    pub topics: &'static str,
    pub no_topic: &'static str,
    pub hour: &'static str,
    /// `{when}`.
    pub paused_until: &'static str,
    pub has_left: &'static str,
    pub choose: &'static str,
    pub back_heading: &'static str,
    pub come_back: &'static str,
    pub done: &'static str,
    pub left_this: &'static str,
    pub left_all: &'static str,
    /// `{n}`.
    pub paused: &'static str,
    pub chosen: &'static str,
    pub came_back: &'static str,
    pub if_known: &'static str,
    pub change_again: &'static str,
    pub not_understood: &'static str,
    pub try_later: &'static str,
    pub nothing_here: &'static str,
    pub nothing_why: &'static str,
    pub languages: &'static str,
}

impl Words {
    pub fn of(lang: Lang) -> &'static Words {
        match lang {
            Lang::En | Lang::Other => &EN,
            Lang::Ur => &UR,
            Lang::Ps => &PS,
            Lang::Fa => &FA,
        }
    }

    pub fn days(&self, days: &u16) -> String {
        self.days.replace("{n}", &days.to_string())
    }

    pub fn paused(&self, days: u16) -> String {
        self.paused.replace("{n}", &days.to_string())
    }

    pub fn clock(&self, hour: &u8) -> String {
        format!("{hour:02}:00")
    }
}

const EN: Words = Words {
    lang: "en",
    dir: "ltr",
    title: "Your digest",
    nothing_yet: "Nothing has been changed yet. Opening this page changes nothing; only the buttons do.",
    leave_heading: "Leave",
    leave_this: "Leave this digest",
    leave_all: "Leave all digests",
    pause_heading: "Pause",
    pause_for: "Send nothing for",
    pause: "Pause",
    days: "{n} days",
    choose_heading: "Topics and hour",
    topics: "Topics",
    no_topic: "None ticked means all.",
    hour: "Hour",
    paused_until: "Nothing is sent until {when}.",
    has_left: "You have left this digest: nothing is sent to you.",
    choose: "Save",
    back_heading: "Come back",
    come_back: "Send me this digest again",
    done: "Done",
    left_this: "You get no more mail from this digest.",
    left_all: "You get no more mail from any digest here.",
    paused: "No mail for {n} days. Afterwards the digest comes again by itself.",
    chosen: "Your topics and your hour are saved. They hold from the next edition on.",
    came_back: "The digest comes again, from the next edition on.",
    if_known: "This holds if the link belongs to a subscription; the page says the same either way.",
    change_again: "Change something else",
    not_understood: "That was not understood, and nothing was changed. Please use one of the buttons.",
    try_later: "This could not be saved just now. Please try again in some minutes.",
    nothing_here: "There is nothing here",
    nothing_why: "The address is wrong, or what stood here is no longer kept.",
    languages: "Languages",
};

const UR: Words = Words {
    lang: "ur",
    dir: "rtl",
    title: "آپ کا خبرنامہ",
    nothing_yet: "ابھی کچھ نہیں بدلا۔ یہ صفحہ کھولنے سے کچھ نہیں بدلتا، صرف بٹن دبانے سے بدلتا ہے۔",
    leave_heading: "رکنیت ختم کریں",
    leave_this: "یہ خبرنامہ بند کریں",
    leave_all: "تمام خبرنامے بند کریں",
    pause_heading: "وقفہ",
    pause_for: "اتنے عرصے کچھ نہ بھیجیں:",
    pause: "وقفہ کریں",
    days: "{n} دن",
    choose_heading: "موضوعات اور وقت",
    topics: "موضوعات",
    no_topic: "کوئی نہ چنیں تو سب شامل ہیں۔",
    hour: "گھنٹہ",
    paused_until: "{when} تک کچھ نہیں بھیجا جائے گا۔",
    has_left: "آپ یہ خبرنامہ بند کر چکے ہیں؛ آپ کو کچھ نہیں بھیجا جاتا۔",
    choose: "محفوظ کریں",
    back_heading: "واپسی",
    come_back: "یہ خبرنامہ دوبارہ بھیجیں",
    done: "ہو گیا",
    left_this: "اب آپ کو اس خبرنامے کی ڈاک نہیں آئے گی۔",
    left_all: "اب آپ کو یہاں کے کسی خبرنامے کی ڈاک نہیں آئے گی۔",
    paused: "{n} دن کوئی ڈاک نہیں آئے گی، اس کے بعد خبرنامہ خود دوبارہ آئے گا۔",
    chosen: "آپ کے موضوعات اور وقت محفوظ ہو گئے۔ اگلے شمارے سے لاگو ہوں گے۔",
    came_back: "اگلے شمارے سے خبرنامہ دوبارہ آئے گا۔",
    if_known: "یہ تب لاگو ہے جب یہ ربط کسی رکنیت کا ہو؛ صفحہ دونوں صورتوں میں یہی کہتا ہے۔",
    change_again: "کچھ اور بدلیں",
    not_understood: "بات سمجھ نہیں آئی اور کچھ نہیں بدلا۔ براہِ کرم کوئی ایک بٹن دبائیں۔",
    try_later: "ابھی محفوظ نہیں ہو سکا۔ چند منٹ بعد دوبارہ کوشش کریں۔",
    nothing_here: "یہاں کچھ نہیں",
    nothing_why: "پتہ غلط ہے، یا جو یہاں تھا وہ اب محفوظ نہیں۔",
    languages: "زبانیں",
};

const PS: Words = Words {
    lang: "ps",
    dir: "rtl",
    title: "ستاسو خبرپاڼه",
    nothing_yet: "لا څه نه دي بدل شوي. د دې پاڼې پرانیستل څه نه بدلوي؛ یوازې تڼۍ یې بدلوي.",
    leave_heading: "ګډون پای ته رسول",
    leave_this: "دا خبرپاڼه بنده کړئ",
    leave_all: "ټولې خبرپاڼې بندې کړئ",
    pause_heading: "ځنډ",
    pause_for: "دومره موده څه مه رالېږئ:",
    pause: "وځنډوئ",
    days: "{n} ورځې",
    choose_heading: "موضوعات او وخت",
    topics: "موضوعات",
    no_topic: "که هېڅ ونه ټاکئ، ټول پکې دي.",
    hour: "ساعت",
    paused_until: "تر {when} پورې به څه نه درځي.",
    has_left: "تاسو دا خبرپاڼه بنده کړې ده؛ څه نه درلېږل کېږي.",
    choose: "خوندي کړئ",
    back_heading: "بېرته راتلل",
    come_back: "دا خبرپاڼه بیا رالېږئ",
    done: "وشول",
    left_this: "نور به د دې خبرپاڼې برېښنالیک نه درځي.",
    left_all: "نور به د دې ځای د هېڅ خبرپاڼې برېښنالیک نه درځي.",
    paused: "{n} ورځې به برېښنالیک نه درځي؛ وروسته خبرپاڼه پخپله بیا درځي.",
    chosen: "ستاسو موضوعات او وخت خوندي شول. له راتلونکې ګڼې پلي کېږي.",
    came_back: "له راتلونکې ګڼې خبرپاڼه بیا درځي.",
    if_known: "دا هله سمه ده چې لینک د کوم ګډون وي؛ پاڼه په دواړو حالتونو کې همدا وايي.",
    change_again: "بل څه بدل کړئ",
    not_understood: "دا ونه پوهول شو او څه بدل نه شول. مهرباني وکړئ یوه تڼۍ وکاروئ.",
    try_later: "اوس خوندي نه شو. څو دقیقې وروسته بیا هڅه وکړئ.",
    nothing_here: "دلته څه نشته",
    nothing_why: "پته سمه نه ده، یا هغه څه چې دلته وو نور نه ساتل کېږي.",
    languages: "ژبې",
};

const FA: Words = Words {
    lang: "fa",
    dir: "rtl",
    title: "خبرنامهٔ شما",
    nothing_yet: "هنوز چیزی تغییر نکرده است. باز کردن این صفحه چیزی را تغییر نمی‌دهد؛ تنها دکمه‌ها تغییر می‌دهند.",
    leave_heading: "لغو اشتراک",
    leave_this: "لغو این خبرنامه",
    leave_all: "لغو همهٔ خبرنامه‌ها",
    pause_heading: "توقف",
    pause_for: "در این مدت چیزی نفرستید:",
    pause: "توقف",
    days: "{n} روز",
    choose_heading: "موضوعات و ساعت",
    topics: "موضوعات",
    no_topic: "اگر هیچ‌کدام را انتخاب نکنید، همه می‌آیند.",
    hour: "ساعت",
    paused_until: "تا {when} چیزی فرستاده نمی‌شود.",
    has_left: "شما این خبرنامه را لغو کرده‌اید؛ چیزی برایتان فرستاده نمی‌شود.",
    choose: "ذخیره",
    back_heading: "بازگشت",
    come_back: "این خبرنامه را دوباره بفرستید",
    done: "انجام شد",
    left_this: "دیگر از این خبرنامه نامه‌ای نمی‌گیرید.",
    left_all: "دیگر از هیچ خبرنامه‌ای در اینجا نامه نمی‌گیرید.",
    paused: "{n} روز نامه‌ای نمی‌آید و پس از آن خبرنامه خودش دوباره می‌آید.",
    chosen: "موضوعات و ساعت شما ذخیره شد و از شمارهٔ بعد اجرا می‌شود.",
    came_back: "خبرنامه از شمارهٔ بعد دوباره می‌آید.",
    if_known: "این در صورتی است که پیوند از آنِ یک اشتراک باشد؛ صفحه در هر دو حال همین را می‌گوید.",
    change_again: "تغییر چیزی دیگر",
    not_understood: "فهمیده نشد و چیزی تغییر نکرد. لطفاً یکی از دکمه‌ها را بزنید.",
    try_later: "اکنون ذخیره نشد. لطفاً چند دقیقهٔ دیگر دوباره بکوشید.",
    nothing_here: "اینجا چیزی نیست",
    nothing_why: "نشانی نادرست است یا آنچه اینجا بود دیگر نگه داشته نمی‌شود.",
    languages: "زبان‌ها",
};
