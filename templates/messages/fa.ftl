# As en.ftl, in Dari.
changed = از شمارهٔ پیشین تاکنون چه دگرگون شد
in-this-edition = در این شماره
new = تازه
developing = ادامه‌دار
quiet = آرام
day = روز {$n}
first-seen = نخستین بار {$date}
opinion = دیدگاه
analysis = تحلیل
official = رسمی
live = زنده
agency-text = متن خبرگزاری
state-media = رسانهٔ دولتی
opinion-heading = دیدگاه و تحلیل
also-in = همین متن در
credit = به نقل از {$name}
stories = { $n ->
    [1] ۱ خبر
   *[other] {$num} خبر
}
opinions = { $n ->
    [1] ۱ دیدگاه
   *[other] {$num} دیدگاه
}
publishers = { $n ->
    [1] ۱ رسانه
   *[other] {$num} رسانه
}
origins = { $n ->
    [1] ۱ منبع
   *[other] {$num} منبع
}
feeds-read = { $n ->
    [1] ۱ خوراک خوانده شد
   *[other] {$num} خوراک خوانده شد
}
reports-read = { $n ->
    [1] ۱ گزارش
   *[other] {$num} گزارش
}
more-stories = { $n ->
    [1] ۱ خبر دیگر اینجا نیامده است
   *[other] {$num} خبر دیگر اینجا نیامده است
}
more-reports = { $n ->
    [1] ۱ گزارش دیگر
   *[other] {$num} گزارش دیگر
}
earlier-reports = { $n ->
    [1] ۱ گزارش پیشین
   *[other] {$num} گزارش پیشین
}
edition-number = شمارهٔ {$n}
nothing-new = خبر تازه‌ای نیست
nothing-new-long = پس از شمارهٔ پیشین در موضوعات شما خبر تازه‌ای نیست.
tally = {$read} نوشته خوانده شد، {$kept} دربارهٔ این موضوعات بود، {$folded} رونوشت یکجا شد.
feeds-failing = {$num} از {$all} خوراک پاسخ نمی‌دهد.
feeds-failing-since = {$num} از {$all} خوراک پاسخ نمی‌دهد، یکی از {$when}.
silent = از این رسانه‌ها خبری نرسید؛ شاید چیزی از قلم افتاده باشد:
silent-more = { $n ->
    [1] و ۱ مورد دیگر
   *[other] و {$num} مورد دیگر
}
why = این نامه را می‌گیرید چون مشترک «{$title}» هستید.
why-discreet = این نامه را می‌گیرید چون مشترک هستید.
view = خواندن در وب
change = تغییر گزینش‌ها
pause = توقف
leave = لغو اشتراک
leave-by-answer = برای لغو اشتراک به این نامه پاسخ دهید.
times-in = زمان‌ها به وقت {$zone} است.
no-tracking = بدون ردیابی: پیوندها مستقیم به رسانه می‌روند.
neutral-subject = خلاصهٔ شما · {$date}
links = پیوندها
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، دولتی
side-afghanistan-exile = افغانستان، تبعید
side-regional = منطقه‌ای
side-international = بین‌المللی
side-un-ngo = سازمان ملل/نهادها
who-covers = چه کسی گزارش می‌دهد
afghan-not-in-feeds = در خوراک‌های ما رسانهٔ افغان نیست
afghan-not-heard = هیچ رسانهٔ افغان در دسترس نبود
pakistani-not-in-feeds = در خوراک‌های ما رسانهٔ پاکستانی نیست
pakistani-not-heard = هیچ رسانهٔ پاکستانی در دسترس نبود
figures = رقم‌های متفاوت
rewritten = {$publisher} این عنوان را در {$time} عوض کرد؛ پیش‌تر این بود:
board = گذرگاه‌ها، به گزارش آخر
open = باز
closed = بسته
limited = نیمه‌باز
no-newer-report = گزارش تازه‌تری نیست
comma = {"، "}
semicolon = {"؛ "}
