//! The words of subscribing and confirming, in the four languages.

use crate::model::Lang;

/// One language's words. A field per label: a language that lacks one does not compile.
#[derive(Debug)]
pub struct SubscribeWords {
    pub title: &'static str,
    pub how: &'static str,
    pub address: &'static str,
    pub digests: &'static str,
    pub topics: &'static str,
    pub no_topic: &'static str,
    pub language: &'static str,
    pub trap: &'static str,
    pub subscribe: &'static str,
    pub privacy: &'static str,
    pub sent_title: &'static str,
    pub sent: &'static str,
    pub sent_once: &'static str,
    pub wrong: &'static str,
    pub too_many: &'static str,
    pub confirm_title: &'static str,
    pub confirm_how: &'static str,
    pub confirm: &'static str,
    pub confirmed: &'static str,
    pub expired: &'static str,
    pub preferences: &'static str,
}

impl SubscribeWords {
    pub fn of(lang: Lang) -> &'static SubscribeWords {
        match lang {
            Lang::En | Lang::Other => &EN,
            Lang::Ur => &UR,
            Lang::Ps => &PS,
            Lang::Fa => &FA,
        }
    }
}

const EN: SubscribeWords = SubscribeWords {
    title: "Get the digest by mail",
    how: "You will get one mail with a link; nothing comes before you have confirmed it.",
    address: "Your mail address",
    digests: "Which digest",
    topics: "Topics",
    no_topic: "None ticked means all.",
    language: "Language of the mail",
    trap: "Leave this empty",
    subscribe: "Send me the link",
    privacy: "The address is used for this digest only, and erased if you do not confirm within three days.",
    sent_title: "Look into your mailbox",
    sent: "If this address can be subscribed, a mail with a link is on its way. Press the button on the page behind the link.",
    sent_once: "At most one such mail goes to an address in a day. Whoever left all digests before comes back by the link in an earlier mail.",
    wrong: "That is not a mail address, or no digest was chosen. Nothing was sent.",
    too_many: "Too many requests just now. Please try again in an hour.",
    confirm_title: "Do you want this digest?",
    confirm_how: "Opening this page changes nothing; only the button does.",
    confirm: "Yes, send it to me",
    confirmed: "Done: the digest comes from the next edition on.",
    expired: "This link is used up or too old. Nothing was changed.",
    preferences: "Choose topics and hour, pause or leave",
};

const UR: SubscribeWords = SubscribeWords {
    title: "خبرنامہ ای میل سے حاصل کریں",
    how: "آپ کو ایک ربط والی ای میل آئے گی؛ تصدیق سے پہلے کچھ نہیں بھیجا جائے گا۔",
    address: "آپ کا ای میل پتہ",
    digests: "کون سا خبرنامہ",
    topics: "موضوعات",
    no_topic: "کوئی نہ چنیں تو سب شامل ہیں۔",
    language: "ای میل کی زبان",
    trap: "اسے خالی چھوڑ دیں",
    subscribe: "مجھے ربط بھیجیں",
    privacy: "پتہ صرف اس خبرنامے کے لیے ہے، اور تین دن میں تصدیق نہ ہو تو مٹا دیا جاتا ہے۔",
    sent_title: "اپنی ڈاک دیکھیں",
    sent: "اگر اس پتے کی رکنیت ہو سکتی ہے تو ربط والی ای میل آ رہی ہے۔ ربط والے صفحے پر بٹن دبائیں۔",
    sent_once: "ایک پتے پر دن میں زیادہ سے زیادہ ایک ایسی ای میل جاتی ہے۔ جو پہلے تمام خبرنامے بند کر چکا ہو وہ کسی پچھلی ای میل کے ربط سے واپس آ سکتا ہے۔",
    wrong: "یہ ای میل پتہ نہیں، یا کوئی خبرنامہ نہیں چنا گیا۔ کچھ نہیں بھیجا گیا۔",
    too_many: "ابھی بہت زیادہ درخواستیں ہیں۔ ایک گھنٹے بعد دوبارہ کوشش کریں۔",
    confirm_title: "کیا آپ یہ خبرنامہ چاہتے ہیں؟",
    confirm_how: "یہ صفحہ کھولنے سے کچھ نہیں بدلتا، صرف بٹن سے بدلتا ہے۔",
    confirm: "جی ہاں، مجھے بھیجیں",
    confirmed: "ہو گیا: اگلے شمارے سے خبرنامہ آئے گا۔",
    expired: "یہ ربط استعمال ہو چکا یا پرانا ہے۔ کچھ نہیں بدلا۔",
    preferences: "موضوعات اور وقت چنیں، وقفہ کریں یا بند کریں",
};

const PS: SubscribeWords = SubscribeWords {
    title: "خبرپاڼه په برېښنالیک ترلاسه کړئ",
    how: "یو برېښنالیک له لینک سره به درشي؛ تر تایید مخکې هېڅ نه درځي.",
    address: "ستاسو د برېښنالیک پته",
    digests: "کومه خبرپاڼه",
    topics: "موضوعات",
    no_topic: "که هېڅ ونه ټاکئ، ټول پکې دي.",
    language: "د برېښنالیک ژبه",
    trap: "دا تش پرېږدئ",
    subscribe: "لینک راولېږئ",
    privacy: "پته یوازې د دې خبرپاڼې لپاره ده، او که په دریو ورځو کې تایید نه شي ړنګېږي.",
    sent_title: "خپل برېښنالیک وګورئ",
    sent: "که دا پته ګډون کولی شي، برېښنالیک له لینک سره درروان دی. د لینک پر پاڼه تڼۍ کېکاږئ.",
    sent_once: "یوې پتې ته په ورځ کې تر ټولو ډېر یو داسې برېښنالیک ځي. څوک چې مخکې له ټولو وتلی وي، د پخواني برېښنالیک په لینک بېرته راځي.",
    wrong: "دا د برېښنالیک پته نه ده، یا خبرپاڼه نه ده ټاکل شوې. هېڅ ونه لېږل شول.",
    too_many: "اوس ډېرې غوښتنې دي. یو ساعت وروسته بیا هڅه وکړئ.",
    confirm_title: "دا خبرپاڼه غواړئ؟",
    confirm_how: "د دې پاڼې پرانیستل څه نه بدلوي؛ یوازې تڼۍ یې بدلوي.",
    confirm: "هو، راته یې ولېږئ",
    confirmed: "وشول: له راتلونکې ګڼې خبرپاڼه درځي.",
    expired: "دا لینک کارول شوی یا زوړ دی. څه نه دي بدل شوي.",
    preferences: "موضوعات او وخت وټاکئ، ځنډ یا وتل",
};

const FA: SubscribeWords = SubscribeWords {
    title: "دریافت خبرنامه با ایمیل",
    how: "یک ایمیل با پیوند می‌گیرید؛ پیش از تأیید چیزی فرستاده نمی‌شود.",
    address: "نشانی ایمیل شما",
    digests: "کدام خبرنامه",
    topics: "موضوعات",
    no_topic: "اگر هیچ‌کدام را انتخاب نکنید، همه می‌آیند.",
    language: "زبان ایمیل",
    trap: "این را خالی بگذارید",
    subscribe: "پیوند را بفرستید",
    privacy: "نشانی تنها برای همین خبرنامه است و اگر تا سه روز تأیید نشود پاک می‌شود.",
    sent_title: "صندوق ایمیل خود را ببینید",
    sent: "اگر این نشانی بتواند مشترک شود، ایمیلی با پیوند در راه است. در صفحهٔ آن پیوند دکمه را بزنید.",
    sent_once: "به هر نشانی در روز دست بالا یک چنین ایمیلی می‌رود. کسی که پیش‌تر از همه بیرون رفته، با پیوند ایمیل پیشین برمی‌گردد.",
    wrong: "این نشانی ایمیل نیست یا خبرنامه‌ای انتخاب نشده است. چیزی فرستاده نشد.",
    too_many: "اکنون درخواست‌ها زیاد است. لطفاً یک ساعت دیگر دوباره بکوشید.",
    confirm_title: "این خبرنامه را می‌خواهید؟",
    confirm_how: "باز کردن این صفحه چیزی را تغییر نمی‌دهد؛ تنها دکمه تغییر می‌دهد.",
    confirm: "بله، برایم بفرستید",
    confirmed: "انجام شد: خبرنامه از شمارهٔ بعد می‌آید.",
    expired: "این پیوند استفاده شده یا کهنه است. چیزی تغییر نکرد.",
    preferences: "انتخاب موضوعات و ساعت، توقف یا لغو",
};
