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
links = روابط
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، سرکاری
side-afghanistan-exile = افغانستان، جلاوطن
side-regional = علاقائی
side-international = بین الاقوامی
side-un-ngo = اقوامِ متحدہ/این جی او
who-covers = کون رپورٹ کر رہا ہے
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
