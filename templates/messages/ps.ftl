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
discreet-opening = دا هغه برېښنالیک دی چې تاسو غوښتی و. سرلیک او لومړۍ کرښې یې د منځپانګې په اړه څه نه وایي، څو پر تړلې پرده څه ښکاره نه شي. د لوستلو لپاره ښکته لاړ شئ.
links = لینکونه
side-pakistan = پاکستان
side-afghanistan-state = افغانستان، دولتي
side-afghanistan-exile = افغانستان، جلاوطن/خپلواک
side-regional = سیمه‌ییز
side-international = نړیوال
side-un-ngo = ملګري ملتونه/انجو
side-unknown = لوری نامعلوم
who-covers = څوک یې راپور ورکوي
one-owner = یو خاوند ({ $owner }): { $n }
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

# The page on which a reader chooses, pauses and leaves; what all pages share.
page-title = ستاسو خبرپاڼه
page-nothing-yet = لا څه نه دي بدل شوي. د دې پاڼې پرانیستل څه نه بدلوي؛ یوازې تڼۍ یې بدلوي.
page-leave-heading = ګډون پای ته رسول
page-leave-this = دا خبرپاڼه بنده کړئ
page-leave-all = ټولې خبرپاڼې بندې کړئ
page-pause-heading = ځنډ
page-pause-for = دومره موده څه مه رالېږئ:
page-pause = وځنډوئ
page-days = { $n ->
   *[other] {$num} ورځې
}
page-choose-heading = موضوعات او وخت
page-topics = موضوعات
page-no-topic = که هېڅ ونه ټاکئ، ټول پکې دي.
page-hour = ساعت
page-paused-until = تر {$when} پورې به څه نه درځي.
page-has-left = تاسو دا خبرپاڼه بنده کړې ده؛ څه نه درلېږل کېږي.
page-choose = خوندي کړئ
page-back-heading = بېرته راتلل
page-come-back = دا خبرپاڼه بیا رالېږئ
page-done = وشول
page-left-this = نور به د دې خبرپاڼې برېښنالیک نه درځي.
page-left-all = نور به د دې ځای د هېڅ خبرپاڼې برېښنالیک نه درځي.
page-paused = { $n ->
   *[other] {$num} ورځې به برېښنالیک نه درځي؛ وروسته خبرپاڼه پخپله بیا درځي.
}
page-chosen = ستاسو موضوعات او وخت خوندي شول. له راتلونکې ګڼې پلي کېږي.
page-came-back = له راتلونکې ګڼې خبرپاڼه بیا درځي.
page-if-known = دا هله سمه ده چې لینک د کوم ګډون وي؛ پاڼه په دواړو حالتونو کې همدا وايي.
page-change-again = بل څه بدل کړئ
page-not-understood = دا ونه پوهول شو او څه بدل نه شول. مهرباني وکړئ یوه تڼۍ وکاروئ.
page-try-later = اوس خوندي نه شو. څو دقیقې وروسته بیا هڅه وکړئ.
page-not-now = دا پاڼه اوس نه شي ښودل کېدی. څو دقیقې وروسته بیا هڅه وکړئ.
page-nothing-here = دلته څه نشته
page-nothing-why = پته سمه نه ده، یا هغه څه چې دلته وو نور نه ساتل کېږي.
page-languages = ژبې

# The archive and its search.
archive-title = ارشیف
archive-no-edition = لا کومه ګڼه نشته.
archive-no-story = په وروستیو ګڼو کې پر دې موضوع خبر نشته.
archive-stories = خبرونه
archive-reports = راپورونه
archive-story = بشپړ خبر
archive-over-days = دا خبرونه ورځ په ورځ
archive-changed = بدل شوي سرلیکونه
archive-until = تر {$when} پورې
archive-in-editions = هغه ګڼې چې دا خبر پکې دی
archive-search = لټون
archive-search-words = د لټون ټکي
archive-search-how = هغه لیکنې ښودل کېږي چې ټول ټکي پکې وي، نوې لومړی.
archive-find = ولټوئ
archive-nothing-found = د دې ټولو ټکو سره څه ونه موندل شول.
archive-older = زاړه خبرونه
archive-as-feed = د فیډ په توګه:
archive-subscribe = په برېښنالیک یې ترلاسه کړئ

# What a reader may choose.
choice-scopes-heading = په اړه
choice-bilateral = د دواړو هېوادونو چارې
choice-pakistan = پاکستان
choice-afghanistan = افغانستان
choice-kinds-heading = د لیکنو ډولونه
choice-news = خبر
choice-reads-heading = هغه ژبې چې لولئ
choice-stories = تر ټولو ډېر خبرونه
choice-as-usual = د تل په څېر
choice-format = د برېښنالیک بڼه
choice-both = رنګین او ساده دواړه
choice-html = یوازې رنګین
choice-text = یوازې ساده متن
choice-days-heading = ورځې
choice-zone = د وخت سیمه
page-language = د برېښنالیک ژبه
choice-no-day = که هېڅ ونه ټاکئ، د تل په څېر.

# Subscribing and confirming.
subscribe-title = خبرپاڼه په برېښنالیک ترلاسه کړئ
subscribe-how = یو برېښنالیک له لینک سره به درشي؛ تر تایید مخکې هېڅ نه درځي.
subscribe-address = ستاسو د برېښنالیک پته
subscribe-digests = کومه خبرپاڼه
subscribe-trap = دا تش پرېږدئ
subscribe-send = لینک راولېږئ
subscribe-privacy = پته یوازې د دې خبرپاڼې لپاره ده، او که په دریو ورځو کې تایید نه شي ړنګېږي.
subscribe-sent-title = خپل برېښنالیک وګورئ
subscribe-sent = که دا پته ګډون کولی شي، برېښنالیک له لینک سره درروان دی. د لینک پر پاڼه تڼۍ کېکاږئ.
subscribe-sent-once = یوې پتې ته په ورځ کې تر ټولو ډېر یو داسې برېښنالیک ځي. څوک چې مخکې له ټولو وتلی وي، د پخواني برېښنالیک په لینک بېرته راځي.
subscribe-wrong = دا د برېښنالیک پته نه ده، یا خبرپاڼه نه ده ټاکل شوې. هېڅ ونه لېږل شول.
subscribe-too-many = اوس ډېرې غوښتنې دي. یو ساعت وروسته بیا هڅه وکړئ.
subscribe-confirm-title = دا خبرپاڼه غواړئ؟
subscribe-confirm-how = د دې پاڼې پرانیستل څه نه بدلوي؛ یوازې تڼۍ یې بدلوي.
subscribe-confirm = هو، راته یې ولېږئ
subscribe-confirmed = وشول: له راتلونکې ګڼې خبرپاڼه درځي.
subscribe-expired = دا لینک کارول شوی یا زوړ دی. څه نه دي بدل شوي.
subscribe-preferences = موضوعات او وخت وټاکئ، ځنډ یا وتل

# The mail that asks to confirm.
confirm-subject = مهرباني وکړئ تایید یې کړئ: دا خبرپاڼه غواړئ؟
confirm-asked = چا، ښايي تاسو، دا پته د دې خبرپاڼې لپاره لیکلې ده:
confirm-press = که تاسو وئ، دا پاڼه پرانیزئ او تڼۍ کېکاږئ:
confirm-within = { $n ->
   *[other] دا لینک {$num} ورځې کار کوي.
}
confirm-ignore = که تاسو نه وئ، هېڅ مه کوئ: خبرپاڼه به نه درځي، او د لینک له پای ته رسېدو سره به دا پته ړنګه شي.
