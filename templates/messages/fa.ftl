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
discreet-opening = این همان ایمیلی است که درخواست کرده‌اید. عنوان و سطرهای نخست آن دربارهٔ محتوایش چیزی نمی‌گویند تا روی صفحهٔ قفل‌شده چیزی دیده نشود. برای خواندن پایین بروید.
links = پیوندها
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، دولتی
side-afghanistan-exile = افغانستان، تبعیدی/مستقل
side-regional = منطقه‌ای
side-international = بین‌المللی
side-un-ngo = سازمان ملل/نهادها
side-unknown = طرف نامعلوم
who-covers = چه کسی گزارش می‌دهد
one-owner = یک مالک ({ $owner }): { $n }
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

# The page on which a reader chooses, pauses and leaves; what all pages share.
page-title = خبرنامهٔ شما
page-nothing-yet = هنوز چیزی تغییر نکرده است. باز کردن این صفحه چیزی را تغییر نمی‌دهد؛ تنها دکمه‌ها تغییر می‌دهند.
page-leave-heading = لغو اشتراک
page-leave-this = لغو این خبرنامه
page-leave-all = لغو همهٔ خبرنامه‌ها
page-pause-heading = توقف
page-pause-for = در این مدت چیزی نفرستید:
page-pause = توقف
page-days = { $n ->
   *[other] {$num} روز
}
page-choose-heading = موضوعات و ساعت
page-topics = موضوعات
page-no-topic = اگر هیچ‌کدام را انتخاب نکنید، همه می‌آیند.
page-hour = ساعت
page-paused-until = تا {$when} چیزی فرستاده نمی‌شود.
page-has-left = شما این خبرنامه را لغو کرده‌اید؛ چیزی برایتان فرستاده نمی‌شود.
page-choose = ذخیره
page-back-heading = بازگشت
page-come-back = این خبرنامه را دوباره بفرستید
page-done = انجام شد
page-left-this = دیگر از این خبرنامه نامه‌ای نمی‌گیرید.
page-left-all = دیگر از هیچ خبرنامه‌ای در اینجا نامه نمی‌گیرید.
page-paused = { $n ->
   *[other] {$num} روز نامه‌ای نمی‌آید و پس از آن خبرنامه خودش دوباره می‌آید.
}
page-chosen = موضوعات و ساعت شما ذخیره شد و از شمارهٔ بعد اجرا می‌شود.
page-came-back = خبرنامه از شمارهٔ بعد دوباره می‌آید.
page-if-known = این در صورتی است که پیوند از آنِ یک اشتراک باشد؛ صفحه در هر دو حال همین را می‌گوید.
page-change-again = تغییر چیزی دیگر
page-not-understood = فهمیده نشد و چیزی تغییر نکرد. لطفاً یکی از دکمه‌ها را بزنید.
page-try-later = اکنون ذخیره نشد. لطفاً چند دقیقهٔ دیگر دوباره بکوشید.
page-not-now = این صفحه اکنون نمایش داده نمی‌شود. لطفاً چند دقیقه بعد دوباره بکوشید.
page-nothing-here = اینجا چیزی نیست
page-nothing-why = نشانی نادرست است یا آنچه اینجا بود دیگر نگه داشته نمی‌شود.
page-languages = زبان‌ها

# The archive and its search.
archive-title = بایگانی
archive-no-edition = هنوز شماره‌ای نیست.
archive-no-story = در شماره‌های اخیر در این موضوع خبری نیست.
archive-stories = خبرها
archive-reports = گزارش‌ها
archive-story = همهٔ این خبر
archive-over-days = این خبرها روز به روز
archive-changed = عنوان‌هایی که تغییر کرد
archive-until = تا {$when}
archive-in-editions = شماره‌هایی که این خبر را دارند
archive-search = جستجو
archive-search-words = واژه‌های جستجو
archive-search-how = نوشته‌هایی نشان داده می‌شود که همهٔ واژه‌ها را دارند، تازه‌ترها نخست.
archive-find = جستجو کنید
archive-nothing-found = چیزی با همهٔ این واژه‌ها یافت نشد.
archive-older = قدیمی‌ترها
archive-as-feed = به شکل فید:
archive-subscribe = با ایمیل دریافت کنید

# What a reader may choose.
choice-scopes-heading = دربارهٔ
choice-bilateral = امور مشترک دو کشور
choice-pakistan = پاکستان
choice-afghanistan = افغانستان
choice-kinds-heading = گونه‌های نوشته
choice-news = خبر
choice-reads-heading = زبان‌هایی که می‌خوانید
choice-stories = بیشترین شمار خبر
choice-as-usual = مثل همیشه
choice-format = شکل ایمیل
choice-both = رنگی و سادهٔ متنی
choice-html = فقط رنگی
choice-text = فقط متن ساده
choice-days-heading = روزها
choice-zone = منطقهٔ زمانی
page-language = زبان ایمیل
choice-no-day = اگر هیچ‌کدام را انتخاب نکنید، مثل همیشه.

# Subscribing and confirming.
subscribe-title = دریافت خبرنامه با ایمیل
subscribe-how = یک ایمیل با پیوند می‌گیرید؛ پیش از تأیید چیزی فرستاده نمی‌شود.
subscribe-address = نشانی ایمیل شما
subscribe-digests = کدام خبرنامه
subscribe-trap = این را خالی بگذارید
subscribe-send = پیوند را بفرستید
subscribe-privacy = نشانی تنها برای همین خبرنامه است و اگر تا سه روز تأیید نشود پاک می‌شود.
subscribe-sent-title = صندوق ایمیل خود را ببینید
subscribe-sent = اگر این نشانی بتواند مشترک شود، ایمیلی با پیوند در راه است. در صفحهٔ آن پیوند دکمه را بزنید.
subscribe-sent-once = به هر نشانی در روز دست بالا یک چنین ایمیلی می‌رود. کسی که پیش‌تر از همه بیرون رفته، با پیوند ایمیل پیشین برمی‌گردد.
subscribe-wrong = این نشانی ایمیل نیست یا خبرنامه‌ای انتخاب نشده است. چیزی فرستاده نشد.
subscribe-too-many = اکنون درخواست‌ها زیاد است. لطفاً یک ساعت دیگر دوباره بکوشید.
subscribe-confirm-title = این خبرنامه را می‌خواهید؟
subscribe-confirm-how = باز کردن این صفحه چیزی را تغییر نمی‌دهد؛ تنها دکمه تغییر می‌دهد.
subscribe-confirm = بله، برایم بفرستید
subscribe-confirmed = انجام شد: خبرنامه از شمارهٔ بعد می‌آید.
subscribe-expired = این پیوند استفاده شده یا کهنه است. چیزی تغییر نکرد.
subscribe-preferences = انتخاب موضوعات و ساعت، توقف یا لغو

# The mail that asks to confirm.
confirm-subject = لطفاً تأیید کنید: این خبرنامه را می‌خواهید؟
confirm-asked = کسی، احتمالاً خود شما، این نشانی را برای این خبرنامه نوشته است:
confirm-press = اگر شما بودید، این صفحه را باز کنید و دکمه را بزنید:
confirm-within = { $n ->
   *[other] این پیوند {$num} روز اعتبار دارد.
}
confirm-ignore = اگر شما نبودید، کاری نکنید: خبرنامه‌ای نخواهد آمد و با پایان اعتبار پیوند این نشانی پاک می‌شود.
