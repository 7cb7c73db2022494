//! The words of the archive's pages, in the four languages.

use crate::model::Lang;

/// One language's words. A field per label: a language that lacks one does not compile.
#[derive(Debug)]
pub struct ArchiveWords {
    pub lang: &'static str,
    pub archive: &'static str,
    pub topics: &'static str,
    pub no_edition: &'static str,
    pub no_story: &'static str,
    /// Headings of what a search found.
    pub stories: &'static str,
    pub reports: &'static str,
    pub also_in: &'static str,
    pub story: &'static str,
    pub over_days: &'static str,
    pub changed: &'static str,
    /// `{when}`.
    pub until: &'static str,
    pub in_editions: &'static str,
    pub search: &'static str,
    pub search_words: &'static str,
    pub search_how: &'static str,
    pub find: &'static str,
    pub nothing_found: &'static str,
    pub older: &'static str,
    pub as_feed: &'static str,
    pub subscribe: &'static str,
}

impl ArchiveWords {
    pub fn of(lang: Lang) -> &'static ArchiveWords {
        match lang {
            Lang::En | Lang::Other => &EN,
            Lang::Ur => &UR,
            Lang::Ps => &PS,
            Lang::Fa => &FA,
        }
    }

    pub fn until_of(&self, when: &str) -> String {
        self.until.replace("{when}", when)
    }
}

const EN: ArchiveWords = ArchiveWords {
    lang: "en",
    archive: "Archive",
    topics: "Topics",
    no_edition: "No edition yet.",
    no_story: "No story on this topic in the last editions.",
    stories: "Stories",
    reports: "Reports",
    also_in: "also in",
    story: "the whole story",
    over_days: "Each story over its days",
    changed: "Headlines that were changed",
    until: "until {when}",
    in_editions: "Editions that told it",
    search: "Search",
    search_words: "Words to look for",
    search_how: "What holds every word is shown, the newest first.",
    find: "Find",
    nothing_found: "Nothing holds all of these words.",
    older: "Older ones",
    as_feed: "As a feed:",
    subscribe: "Get it by mail",
};

const UR: ArchiveWords = ArchiveWords {
    lang: "ur",
    archive: "ذخیرہ",
    topics: "موضوعات",
    no_edition: "ابھی کوئی شمارہ نہیں۔",
    no_story: "پچھلے شماروں میں اس موضوع پر کوئی خبر نہیں۔",
    stories: "خبریں",
    reports: "رپورٹیں",
    also_in: "یہی متن",
    story: "پوری خبر",
    over_days: "یہ خبریں دن بہ دن",
    changed: "بدلی گئی سرخیاں",
    until: "{when} تک",
    in_editions: "جن شماروں میں یہ خبر ہے",
    search: "تلاش",
    search_words: "تلاش کے الفاظ",
    search_how: "وہ اندراجات دکھائے جاتے ہیں جن میں تمام الفاظ ہوں، نئے پہلے۔",
    find: "تلاش کریں",
    nothing_found: "ان تمام الفاظ والی کوئی چیز نہیں ملی۔",
    older: "پرانی خبریں",
    as_feed: "بطور فیڈ:",
    subscribe: "ای میل سے حاصل کریں",
};

const PS: ArchiveWords = ArchiveWords {
    lang: "ps",
    archive: "ارشیف",
    topics: "موضوعات",
    no_edition: "لا کومه ګڼه نشته.",
    no_story: "په وروستیو ګڼو کې پر دې موضوع خبر نشته.",
    stories: "خبرونه",
    reports: "راپورونه",
    also_in: "همدا متن",
    story: "بشپړ خبر",
    over_days: "دا خبرونه ورځ په ورځ",
    changed: "بدل شوي سرلیکونه",
    until: "تر {when} پورې",
    in_editions: "هغه ګڼې چې دا خبر پکې دی",
    search: "لټون",
    search_words: "د لټون ټکي",
    search_how: "هغه لیکنې ښودل کېږي چې ټول ټکي پکې وي، نوې لومړی.",
    find: "ولټوئ",
    nothing_found: "د دې ټولو ټکو سره څه ونه موندل شول.",
    older: "زاړه خبرونه",
    as_feed: "د فیډ په توګه:",
    subscribe: "په برېښنالیک یې ترلاسه کړئ",
};

const FA: ArchiveWords = ArchiveWords {
    lang: "fa",
    archive: "بایگانی",
    topics: "موضوعات",
    no_edition: "هنوز شماره‌ای نیست.",
    no_story: "در شماره‌های اخیر در این موضوع خبری نیست.",
    stories: "خبرها",
    reports: "گزارش‌ها",
    also_in: "همین متن در",
    story: "همهٔ این خبر",
    over_days: "این خبرها روز به روز",
    changed: "عنوان‌هایی که تغییر کرد",
    until: "تا {when}",
    in_editions: "شماره‌هایی که این خبر را دارند",
    search: "جستجو",
    search_words: "واژه‌های جستجو",
    search_how: "نوشته‌هایی نشان داده می‌شود که همهٔ واژه‌ها را دارند، تازه‌ترها نخست.",
    find: "جستجو کنید",
    nothing_found: "چیزی با همهٔ این واژه‌ها یافت نشد.",
    older: "قدیمی‌ترها",
    as_feed: "به شکل فید:",
    subscribe: "با ایمیل دریافت کنید",
};
