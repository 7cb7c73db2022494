# As en.ftl, in Pashto.
changed = له تېرې ګڼې وروسته څه بدل شول
in-this-edition = په دې ګڼه کې
new = نوی
developing = روان
quiet = غلي
day = {$n}مه ورځ
first-seen = لومړی ځل {$date}
opinion = نظر
analysis = شننه
official = رسمي
live = ژوندی
agency-text = د اژانس متن
state-media = دولتي رسنۍ
opinion-heading = نظرونه او شننې
also-in = همدا متن
credit = د {$name} له قوله
stories = { $n ->
    [1] ۱ خبر
   *[other] {$num} خبرونه
}
opinions = { $n ->
    [1] ۱ لیکنه
   *[other] {$num} لیکنې
}
publishers = { $n ->
    [1] ۱ خپرونکی
   *[other] {$num} خپرونکي
}
origins = { $n ->
    [1] ۱ سرچینه
   *[other] {$num} سرچینې
}
feeds-read = { $n ->
    [1] ۱ فیډ ولوستل شو
   *[other] {$num} فیډونه ولوستل شول
}
reports-read = { $n ->
    [1] ۱ راپور
   *[other] {$num} راپورونه
}
more-stories = { $n ->
    [1] ۱ بل خبر دلته نشته
   *[other] {$num} نور خبرونه دلته نشته
}
more-reports = { $n ->
    [1] ۱ بل راپور
   *[other] {$num} نور راپورونه
}
earlier-reports = { $n ->
    [1] ۱ پخوانی راپور
   *[other] {$num} پخواني راپورونه
}
edition-number = {$n}مه ګڼه
nothing-new = نوی خبر نشته
nothing-new-long = له تېرې ګڼې وروسته ستاسو په موضوعاتو کې نوی خبر نشته.
tally = {$read} لیکنې ولوستل شوې، {$kept} په دې موضوعاتو وې، {$folded} کاپۍ یو ځای شوې.
feeds-failing = له {$all} فیډونو {$num} ځواب نه ورکوي.
feeds-failing-since = له {$all} فیډونو {$num} ځواب نه ورکوي، یو له {$when} راهیسې.
silent = له دوی سره اړیکه ونه شوه، ښايي څه پاتې وي:
silent-more = { $n ->
    [1] او ۱ بل
   *[other] او {$num} نور
}
why = دا برېښنالیک ځکه درته راغی چې د «{$title}» ګډونوال یاست.
why-discreet = دا برېښنالیک ځکه درته راغی چې ګډونوال یاست.
view = په وېب کې یې ولولئ
change = خپله خوښه بدله کړئ
pause = ځنډول
leave = ګډون پای ته رسول
leave-by-answer = د ګډون د پای ته رسولو لپاره دې برېښنالیک ته ځواب ولیکئ.
times-in = وختونه د {$zone} له مخې دي.
no-tracking = څارنه نشته: لینکونه نېغ خپرونکي ته ځي.
neutral-subject = ستاسو لنډیز · {$date}
links = لینکونه
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، دولتي
side-afghanistan-exile = افغانستان، جلاوطن
side-regional = سیمه‌ییز
side-international = نړیوال
side-un-ngo = ملګري ملتونه/انجو
who-covers = څوک یې راپور ورکوي
afghan-not-in-feeds = زموږ په فیډونو کې افغان خپرونکی نشته
afghan-not-heard = له هېڅ افغان خپرونکي سره اړیکه ونه شوه
pakistani-not-in-feeds = زموږ په فیډونو کې پاکستانی خپرونکی نشته
pakistani-not-heard = له هېڅ پاکستاني خپرونکي سره اړیکه ونه شوه
figures = بېلابېل شمېرې
rewritten = {$publisher} دا سرلیک په {$time} بدل کړ؛ مخکې داسې و:
board = پولې، د وروستي راپور له مخې
open = خلاصه
closed = تړلې
limited = تر یوه حده خلاصه
no-newer-report = تر دې نوی راپور نشته
comma = {"، "}
semicolon = {"؛ "}
