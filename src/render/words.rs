//! The words of the mail itself, in the four languages; everything else in a digest speaks its own language.

use crate::model::{Kind, Lang, Side};

/// A counted phrase; `{n}` stands for the number.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    pub one: &'static str,
    pub many: &'static str,
}

/// One language's words. A field per label: a language that lacks one does not compile.
#[derive(Debug)]
pub struct Words {
    pub whats_new: &'static str,
    pub new: &'static str,
    pub developing: &'static str,
    /// `{n}`: the day of the thread.
    pub day: &'static str,
    pub opinion: &'static str,
    pub analysis: &'static str,
    pub official: &'static str,
    pub live: &'static str,
    pub opinion_heading: &'static str,
    pub also_in: &'static str,
    /// Who wrote the text; `{name}`.
    pub credit: &'static str,
    pub stories: Counted,
    pub opinions: Counted,
    pub publishers: Counted,
    pub origins: Counted,
    pub more_stories: Counted,
    pub more_reports: Counted,
    pub earlier_reports: Counted,
    pub nothing_new: &'static str,
    pub nothing_new_long: &'static str,
    /// `{read}`, `{kept}`, `{folded}`.
    pub tally: &'static str,
    pub silent: &'static str,
    pub silent_more: Counted,
    /// `{title}`.
    pub why: &'static str,
    pub leave: &'static str,
    pub leave_by_answer: &'static str,
    /// `{zone}`.
    pub times_in: &'static str,
    pub no_tracking: &'static str,
    pub sides: [&'static str; 6],
    /// Between items of a list that is read as prose.
    pub comma: &'static str,
    pub semicolon: &'static str,
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

    pub fn side(&self, side: Side) -> &'static str {
        let [pakistan, state, exile, regional, international, un_ngo] = self.sides;
        match side {
            Side::Pakistan => pakistan,
            Side::AfghanistanState => state,
            Side::AfghanistanExile => exile,
            Side::Regional => regional,
            Side::International => international,
            Side::UnNgo => un_ngo,
        }
    }

    /// The mark of a kind; news goes without one.
    pub fn kind(&self, kind: Kind) -> Option<&'static str> {
        match kind {
            Kind::Opinion => Some(self.opinion),
            Kind::Analysis => Some(self.analysis),
            Kind::Official => Some(self.official),
            Kind::Live => Some(self.live),
            Kind::News | Kind::Service | Kind::Sport => None,
        }
    }
}

/// The language's own name for itself, as a mark on a link that leads to a text in it.
pub fn own_name(lang: Lang) -> Option<&'static str> {
    match lang {
        Lang::En => Some("English"),
        Lang::Ur => Some("اردو"),
        Lang::Ps => Some("پښتو"),
        Lang::Fa => Some("دری"),
        Lang::Other => None,
    }
}

const EN: Words = Words {
    whats_new: "New since your last edition",
    new: "New",
    developing: "Developing",
    day: "day {n}",
    opinion: "Opinion",
    analysis: "Analysis",
    official: "Official",
    live: "Live",
    opinion_heading: "Opinion and analysis",
    also_in: "also in",
    credit: "from {name}",
    stories: Counted { one: "1 story", many: "{n} stories" },
    opinions: Counted { one: "1 opinion piece", many: "{n} opinion pieces" },
    publishers: Counted { one: "1 publisher", many: "{n} publishers" },
    origins: Counted { one: "1 origin", many: "{n} origins" },
    more_stories: Counted { one: "1 more story left out here", many: "{n} more stories left out here" },
    more_reports: Counted { one: "1 more report", many: "{n} more reports" },
    earlier_reports: Counted { one: "1 earlier report", many: "{n} earlier reports" },
    nothing_new: "nothing new",
    nothing_new_long: "Nothing new on your topics since your last edition.",
    tally: "{read} entries read, {kept} on these matters, {folded} copies folded.",
    silent: "Not heard from, so something may be missing:",
    silent_more: Counted { one: "and 1 more", many: "and {n} more" },
    why: "You receive this because you are subscribed to “{title}”.",
    leave: "Unsubscribe",
    leave_by_answer: "To leave, answer this mail.",
    times_in: "Times are {zone}.",
    no_tracking: "No tracking: links lead straight to the publishers.",
    sides: ["Pakistan", "Afghanistan, state", "Afghanistan, exile", "regional", "international", "UN/NGO"],
    comma: ", ",
    semicolon: "; ",
};

const UR: Words = Words {
    whats_new: "پچھلے شمارے کے بعد نئی خبریں",
    new: "نئی",
    developing: "جاری",
    day: "دن {n}",
    opinion: "رائے",
    analysis: "تجزیہ",
    official: "سرکاری",
    live: "براہِ راست",
    opinion_heading: "رائے اور تجزیے",
    also_in: "یہی متن",
    credit: "بحوالہ {name}",
    stories: Counted { one: "1 خبر", many: "{n} خبریں" },
    opinions: Counted { one: "1 کالم", many: "{n} کالم" },
    publishers: Counted { one: "1 ادارہ", many: "{n} ادارے" },
    origins: Counted { one: "1 ماخذ", many: "{n} ماخذ" },
    more_stories: Counted {
        one: "یہاں 1 اور خبر شامل نہیں", many: "یہاں {n} اور خبریں شامل نہیں"
    },
    more_reports: Counted { one: "1 اور رپورٹ", many: "{n} اور رپورٹیں" },
    earlier_reports: Counted { one: "1 پچھلی رپورٹ", many: "{n} پچھلی رپورٹیں" },
    nothing_new: "کوئی نئی خبر نہیں",
    nothing_new_long: "پچھلے شمارے کے بعد آپ کے موضوعات پر کوئی نئی خبر نہیں۔",
    tally: "{read} اندراجات پڑھے گئے، {kept} ان موضوعات پر تھے، {folded} نقول یکجا کی گئیں۔",
    silent: "ان سے رابطہ نہ ہو سکا، اس لیے کچھ رہ گیا ہو سکتا ہے:",
    silent_more: Counted { one: "اور 1 مزید", many: "اور {n} مزید" },
    why: "یہ ای میل آپ کو اس لیے ملی کہ آپ ”{title}“ کے خریدار ہیں۔",
    leave: "رکنیت ختم کریں",
    leave_by_answer: "رکنیت ختم کرنے کے لیے اس ای میل کا جواب دیں۔",
    times_in: "اوقات {zone} کے مطابق ہیں۔",
    no_tracking: "کوئی نگرانی نہیں: روابط سیدھے ناشر تک جاتے ہیں۔",
    sides: ["پاکستان", "افغانستان، سرکاری", "افغانستان، جلاوطن", "علاقائی", "بین الاقوامی", "اقوامِ متحدہ/این جی او"],
    comma: "، ",
    semicolon: "؛ ",
};

const PS: Words = Words {
    whats_new: "له تېرې ګڼې وروسته نوي خبرونه",
    new: "نوی",
    developing: "روان",
    day: "{n}مه ورځ",
    opinion: "نظر",
    analysis: "شننه",
    official: "رسمي",
    live: "ژوندی",
    opinion_heading: "نظرونه او شننې",
    also_in: "همدا متن",
    credit: "د {name} له قوله",
    stories: Counted { one: "۱ خبر", many: "{n} خبرونه" },
    opinions: Counted { one: "۱ لیکنه", many: "{n} لیکنې" },
    publishers: Counted { one: "۱ خپرونکی", many: "{n} خپرونکي" },
    origins: Counted { one: "۱ سرچینه", many: "{n} سرچینې" },
    more_stories: Counted {
        one: "۱ بل خبر دلته نشته", many: "{n} نور خبرونه دلته نشته"
    },
    more_reports: Counted { one: "۱ بل راپور", many: "{n} نور راپورونه" },
    earlier_reports: Counted { one: "۱ پخوانی راپور", many: "{n} پخواني راپورونه" },
    nothing_new: "نوی خبر نشته",
    nothing_new_long: "له تېرې ګڼې وروسته ستاسو په موضوعاتو کې نوی خبر نشته.",
    tally: "{read} لیکنې ولوستل شوې، {kept} په دې موضوعاتو وې، {folded} کاپۍ یو ځای شوې.",
    silent: "له دوی سره اړیکه ونه شوه، ښايي څه پاتې وي:",
    silent_more: Counted { one: "او ۱ بل", many: "او {n} نور" },
    why: "دا برېښنالیک ځکه درته راغی چې د «{title}» ګډونوال یاست.",
    leave: "ګډون پای ته رسول",
    leave_by_answer: "د ګډون د پای ته رسولو لپاره دې برېښنالیک ته ځواب ولیکئ.",
    times_in: "وختونه د {zone} له مخې دي.",
    no_tracking: "څارنه نشته: لینکونه نېغ خپرونکي ته ځي.",
    sides: ["پاکستان", "افغانستان، دولتي", "افغانستان، جلاوطن", "سیمه‌ییز", "نړیوال", "ملګري ملتونه/انجو"],
    comma: "، ",
    semicolon: "؛ ",
};

const FA: Words = Words {
    whats_new: "تازه‌ها پس از شمارهٔ پیشین",
    new: "تازه",
    developing: "ادامه‌دار",
    day: "روز {n}",
    opinion: "دیدگاه",
    analysis: "تحلیل",
    official: "رسمی",
    live: "زنده",
    opinion_heading: "دیدگاه و تحلیل",
    also_in: "همین متن در",
    credit: "به نقل از {name}",
    stories: Counted { one: "۱ خبر", many: "{n} خبر" },
    opinions: Counted { one: "۱ دیدگاه", many: "{n} دیدگاه" },
    publishers: Counted { one: "۱ رسانه", many: "{n} رسانه" },
    origins: Counted { one: "۱ منبع", many: "{n} منبع" },
    more_stories: Counted {
        one: "۱ خبر دیگر اینجا نیامده است", many: "{n} خبر دیگر اینجا نیامده است"
    },
    more_reports: Counted { one: "۱ گزارش دیگر", many: "{n} گزارش دیگر" },
    earlier_reports: Counted { one: "۱ گزارش پیشین", many: "{n} گزارش پیشین" },
    nothing_new: "خبر تازه‌ای نیست",
    nothing_new_long: "پس از شمارهٔ پیشین در موضوعات شما خبر تازه‌ای نیست.",
    tally: "{read} نوشته خوانده شد، {kept} دربارهٔ این موضوعات بود، {folded} رونوشت یکجا شد.",
    silent: "از این رسانه‌ها خبری نرسید؛ شاید چیزی از قلم افتاده باشد:",
    silent_more: Counted { one: "و ۱ مورد دیگر", many: "و {n} مورد دیگر" },
    why: "این نامه را می‌گیرید چون مشترک «{title}» هستید.",
    leave: "لغو اشتراک",
    leave_by_answer: "برای لغو اشتراک به این نامه پاسخ دهید.",
    times_in: "زمان‌ها به وقت {zone} است.",
    no_tracking: "بدون ردیابی: پیوندها مستقیم به رسانه می‌روند.",
    sides: ["پاکستان", "افغانستان، دولتی", "افغانستان، تبعید", "منطقه‌ای", "بین‌المللی", "سازمان ملل/نهادها"],
    comma: "، ",
    semicolon: "؛ ",
};
