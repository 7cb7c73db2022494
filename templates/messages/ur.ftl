# As en.ftl, in Urdu.
changed = پچھلے شمارے کے بعد کیا بدلا
in-this-edition = اس شمارے میں
new = نئی
developing = جاری
quiet = خاموش
day = دن {$n}
first-seen = پہلی بار {$date}
opinion = رائے
analysis = تجزیہ
official = سرکاری
live = براہِ راست
agency-text = ایجنسی کا متن
state-media = سرکاری میڈیا
opinion-heading = رائے اور تجزیے
also-in = یہی متن
credit = بحوالہ {$name}
stories = { $n ->
    [1] 1 خبر
   *[other] {$num} خبریں
}
opinions = { $n ->
    [1] 1 کالم
   *[other] {$num} کالم
}
publishers = { $n ->
    [1] 1 ادارہ
   *[other] {$num} ادارے
}
origins = { $n ->
    [1] 1 ماخذ
   *[other] {$num} ماخذ
}
feeds-read = { $n ->
    [1] 1 فیڈ پڑھی گئی
   *[other] {$num} فیڈ پڑھے گئے
}
reports-read = { $n ->
    [1] 1 رپورٹ
   *[other] {$num} رپورٹیں
}
more-stories = { $n ->
    [1] یہاں 1 اور خبر شامل نہیں
   *[other] یہاں {$num} اور خبریں شامل نہیں
}
more-reports = { $n ->
    [1] 1 اور رپورٹ
   *[other] {$num} اور رپورٹیں
}
earlier-reports = { $n ->
    [1] 1 پچھلی رپورٹ
   *[other] {$num} پچھلی رپورٹیں
}
edition-number = شمارہ {$n}
nothing-new = کوئی نئی خبر نہیں
nothing-new-long = پچھلے شمارے کے بعد آپ کے موضوعات پر کوئی نئی خبر نہیں۔
tally = {$read} اندراجات پڑھے گئے، {$kept} ان موضوعات پر تھے، {$folded} نقول یکجا کی گئیں۔
feeds-failing = {$all} میں سے {$num} فیڈ سے رابطہ نہیں ہو رہا۔
feeds-failing-since = {$all} میں سے {$num} فیڈ سے رابطہ نہیں ہو رہا، ایک سے {$when} سے۔
silent = ان سے رابطہ نہ ہو سکا، اس لیے کچھ رہ گیا ہو سکتا ہے:
silent-more = { $n ->
    [1] اور 1 مزید
   *[other] اور {$num} مزید
}
why = یہ ای میل آپ کو اس لیے ملی کہ آپ ”{$title}“ کے خریدار ہیں۔
why-discreet = یہ ای میل آپ کو اس لیے ملی کہ آپ خریدار ہیں۔
view = ویب پر پڑھیں
change = اپنی پسند بدلیں
pause = وقفہ
leave = رکنیت ختم کریں
leave-by-answer = رکنیت ختم کرنے کے لیے اس ای میل کا جواب دیں۔
times-in = اوقات {$zone} کے مطابق ہیں۔
no-tracking = کوئی نگرانی نہیں: روابط سیدھے ناشر تک جاتے ہیں۔
neutral-subject = آپ کا خلاصہ · {$date}
discreet-opening = یہ وہ ای میل ہے جو آپ نے منگوائی تھی۔ اس کا عنوان اور پہلی سطریں اس کے مضمون کے بارے میں کچھ نہیں بتاتیں، تاکہ بند اسکرین پر کچھ ظاہر نہ ہو۔ پڑھنے کے لیے نیچے جائیں۔
links = روابط
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، سرکاری
side-afghanistan-exile = افغانستان، جلاوطن/آزاد
side-regional = علاقائی
side-international = بین الاقوامی
side-un-ngo = اقوامِ متحدہ/این جی او
side-unknown = فریق نامعلوم
who-covers = کون رپورٹ کر رہا ہے
one-owner = ایک مالک ({ $owner }): { $n }
afghan-not-in-feeds = ہماری فیڈز میں کوئی افغان ادارہ نہیں
afghan-not-heard = کسی افغان ادارے سے رابطہ نہ ہو سکا
pakistani-not-in-feeds = ہماری فیڈز میں کوئی پاکستانی ادارہ نہیں
pakistani-not-heard = کسی پاکستانی ادارے سے رابطہ نہ ہو سکا
figures = مختلف اعداد
rewritten = {$publisher} نے یہ سرخی {$time} پر بدلی؛ پہلے یہ تھی:
board = سرحدی گزرگاہیں، آخری اطلاع کے مطابق
open = کھلی
closed = بند
limited = جزوی کھلی
no-newer-report = اس کے بعد کوئی اطلاع نہیں
comma = {"، "}
semicolon = {"؛ "}

# The page on which a reader chooses, pauses and leaves; what all pages share.
page-title = آپ کا خبرنامہ
page-nothing-yet = ابھی کچھ نہیں بدلا۔ یہ صفحہ کھولنے سے کچھ نہیں بدلتا، صرف بٹن دبانے سے بدلتا ہے۔
page-leave-heading = رکنیت ختم کریں
page-leave-this = یہ خبرنامہ بند کریں
page-leave-all = تمام خبرنامے بند کریں
page-pause-heading = وقفہ
page-pause-for = اتنے عرصے کچھ نہ بھیجیں:
page-pause = وقفہ کریں
page-days = { $n ->
   *[other] {$num} دن
}
page-choose-heading = موضوعات اور وقت
page-topics = موضوعات
page-no-topic = کوئی نہ چنیں تو سب شامل ہیں۔
page-hour = گھنٹہ
page-paused-until = {$when} تک کچھ نہیں بھیجا جائے گا۔
page-has-left = آپ یہ خبرنامہ بند کر چکے ہیں؛ آپ کو کچھ نہیں بھیجا جاتا۔
page-choose = محفوظ کریں
page-back-heading = واپسی
page-come-back = یہ خبرنامہ دوبارہ بھیجیں
page-done = ہو گیا
page-left-this = اب آپ کو اس خبرنامے کی ڈاک نہیں آئے گی۔
page-left-all = اب آپ کو یہاں کے کسی خبرنامے کی ڈاک نہیں آئے گی۔
page-paused = { $n ->
   *[other] {$num} دن کوئی ڈاک نہیں آئے گی، اس کے بعد خبرنامہ خود دوبارہ آئے گا۔
}
page-chosen = آپ کے موضوعات اور وقت محفوظ ہو گئے۔ اگلے شمارے سے لاگو ہوں گے۔
page-came-back = اگلے شمارے سے خبرنامہ دوبارہ آئے گا۔
page-if-known = یہ تب لاگو ہے جب یہ ربط کسی رکنیت کا ہو؛ صفحہ دونوں صورتوں میں یہی کہتا ہے۔
page-change-again = کچھ اور بدلیں
page-not-understood = بات سمجھ نہیں آئی اور کچھ نہیں بدلا۔ براہِ کرم کوئی ایک بٹن دبائیں۔
page-try-later = ابھی محفوظ نہیں ہو سکا۔ چند منٹ بعد دوبارہ کوشش کریں۔
page-not-now = یہ صفحہ ابھی نہیں دکھایا جا سکتا۔ چند منٹ بعد دوبارہ کوشش کریں۔
page-nothing-here = یہاں کچھ نہیں
page-nothing-why = پتہ غلط ہے، یا جو یہاں تھا وہ اب محفوظ نہیں۔
page-languages = زبانیں

# The archive and its search.
archive-title = ذخیرہ
archive-no-edition = ابھی کوئی شمارہ نہیں۔
archive-no-story = پچھلے شماروں میں اس موضوع پر کوئی خبر نہیں۔
archive-stories = خبریں
archive-reports = رپورٹیں
archive-story = پوری خبر
archive-over-days = یہ خبریں دن بہ دن
archive-changed = بدلی گئی سرخیاں
archive-until = {$when} تک
archive-in-editions = جن شماروں میں یہ خبر ہے
archive-search = تلاش
archive-search-words = تلاش کے الفاظ
archive-search-how = وہ اندراجات دکھائے جاتے ہیں جن میں تمام الفاظ ہوں، نئے پہلے۔
archive-find = تلاش کریں
archive-nothing-found = ان تمام الفاظ والی کوئی چیز نہیں ملی۔
archive-older = پرانی خبریں
archive-as-feed = بطور فیڈ:
archive-subscribe = ای میل سے حاصل کریں

# What a reader may choose.
choice-scopes-heading = کس بارے میں
choice-bilateral = دونوں ممالک کے معاملات
choice-pakistan = پاکستان
choice-afghanistan = افغانستان
choice-kinds-heading = تحریر کی قسمیں
choice-news = خبر
choice-reads-heading = آپ کون سی زبانیں پڑھتے ہیں
choice-stories = زیادہ سے زیادہ خبریں
choice-as-usual = معمول کے مطابق
choice-format = ای میل کی شکل
choice-both = رنگین اور سادہ دونوں
choice-html = صرف رنگین
choice-text = صرف سادہ متن
choice-days-heading = دن
choice-zone = وقت کا علاقہ
page-language = ای میل کی زبان
choice-no-day = کوئی نہ چنیں تو معمول کے مطابق۔

# Subscribing and confirming.
subscribe-title = خبرنامہ ای میل سے حاصل کریں
subscribe-how = آپ کو ایک ربط والی ای میل آئے گی؛ تصدیق سے پہلے کچھ نہیں بھیجا جائے گا۔
subscribe-address = آپ کا ای میل پتہ
subscribe-digests = کون سا خبرنامہ
subscribe-trap = اسے خالی چھوڑ دیں
subscribe-send = مجھے ربط بھیجیں
subscribe-privacy = پتہ صرف اس خبرنامے کے لیے ہے، اور تین دن میں تصدیق نہ ہو تو مٹا دیا جاتا ہے۔
subscribe-sent-title = اپنی ڈاک دیکھیں
subscribe-sent = اگر اس پتے کی رکنیت ہو سکتی ہے تو ربط والی ای میل آ رہی ہے۔ ربط والے صفحے پر بٹن دبائیں۔
subscribe-sent-once = ایک پتے پر دن میں زیادہ سے زیادہ ایک ایسی ای میل جاتی ہے۔ جو پہلے تمام خبرنامے بند کر چکا ہو وہ کسی پچھلی ای میل کے ربط سے واپس آ سکتا ہے۔
subscribe-wrong = یہ ای میل پتہ نہیں، یا کوئی خبرنامہ نہیں چنا گیا۔ کچھ نہیں بھیجا گیا۔
subscribe-too-many = ابھی بہت زیادہ درخواستیں ہیں۔ ایک گھنٹے بعد دوبارہ کوشش کریں۔
subscribe-confirm-title = کیا آپ یہ خبرنامہ چاہتے ہیں؟
subscribe-confirm-how = یہ صفحہ کھولنے سے کچھ نہیں بدلتا، صرف بٹن سے بدلتا ہے۔
subscribe-confirm = جی ہاں، مجھے بھیجیں
subscribe-confirmed = ہو گیا: اگلے شمارے سے خبرنامہ آئے گا۔
subscribe-expired = یہ ربط استعمال ہو چکا یا پرانا ہے۔ کچھ نہیں بدلا۔
subscribe-preferences = موضوعات اور وقت چنیں، وقفہ کریں یا بند کریں

# The mail that asks to confirm.
confirm-subject = تصدیق کیجیے: کیا آپ یہ خبرنامہ چاہتے ہیں؟
confirm-asked = کسی نے، غالباً آپ نے، یہ پتہ اس خبرنامے کے لیے درج کیا:
confirm-press = اگر یہ آپ تھے تو یہ صفحہ کھولیں اور بٹن دبائیں:
confirm-within = { $n ->
   *[other] یہ ربط {$num} دن کارآمد ہے۔
}
confirm-ignore = اگر یہ آپ نہیں تھے تو کچھ نہ کریں: کوئی خبرنامہ نہیں آئے گا، اور ربط کی مدت ختم ہونے پر یہ پتہ مٹا دیا جائے گا۔
