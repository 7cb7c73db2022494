# The words of mails and pages; everything else speaks its own language. A test holds the four files to the same messages.
# $num is a number as this language writes it, $n the same for choosing a form.
changed = What changed since your last edition
in-this-edition = In this edition
new = New
developing = Developing
quiet = Quiet
day = day {$n}
first-seen = first seen {$date}
opinion = Opinion
analysis = Analysis
official = Official
live = Live
agency-text = Agency text
state-media = State media
opinion-heading = Opinion and analysis
also-in = also in
credit = from {$name}
stories = { $n ->
    [1] 1 story
   *[other] {$num} stories
}
opinions = { $n ->
    [1] 1 opinion piece
   *[other] {$num} opinion pieces
}
publishers = { $n ->
    [1] 1 publisher
   *[other] {$num} publishers
}
origins = { $n ->
    [1] 1 origin
   *[other] {$num} origins
}
feeds-read = { $n ->
    [1] 1 feed read
   *[other] {$num} feeds read
}
reports-read = { $n ->
    [1] 1 report
   *[other] {$num} reports
}
more-stories = { $n ->
    [1] 1 more story left out here
   *[other] {$num} more stories left out here
}
more-reports = { $n ->
    [1] 1 more report
   *[other] {$num} more reports
}
earlier-reports = { $n ->
    [1] 1 earlier report
   *[other] {$num} earlier reports
}
edition-number = No. {$n}
nothing-new = nothing new
nothing-new-long = Nothing new on your topics since your last edition.
tally = {$read} entries read, {$kept} on these matters; copies folded: {$folded}.
feeds-failing = {$num} of {$all} feeds failing.
feeds-failing-since = {$num} of {$all} feeds failing, one since {$when}.
silent = Not heard from, so something may be missing:
silent-more = { $n ->
    [1] and 1 more
   *[other] and {$num} more
}
why = You receive this because you are subscribed to “{$title}”.
why-discreet = You receive this because you subscribed.
view = Read on the web
change = Change what you get
pause = Pause
leave = Unsubscribe
leave-by-answer = To leave, answer this mail.
times-in = Times are {$zone}.
no-tracking = No tracking: links lead straight to the publishers.
neutral-subject = Your digest · {$date}
discreet-opening = This is the mail you asked for. So that a locked screen gives nothing away, its subject and its first lines do not say what it is about. Scroll down to read it.
links = Links
side-pakistan = Pakistan
side-afghanistan-state = Afghanistan, state
side-afghanistan-exile = Afghanistan, exile/independent
side-regional = regional
side-international = international
side-un-ngo = UN/NGO
side-unknown = side unknown
who-covers = Who covers it
one-owner = one owner ({ $owner }): { $n }
afghan-not-in-feeds = no Afghan publisher in our feeds
afghan-not-heard = no Afghan publisher could be read
pakistani-not-in-feeds = no Pakistani publisher in our feeds
pakistani-not-heard = no Pakistani publisher could be read
figures = Different figures
rewritten = {$publisher} changed this headline at {$time}; it was:
board = Crossings, as last reported
open = open
closed = closed
limited = partly open
no-newer-report = no newer report
comma = {", "}
semicolon = {"; "}

# The page on which a reader chooses, pauses and leaves; what all pages share.
page-title = Your digest
page-nothing-yet = Nothing has been changed yet. Opening this page changes nothing; only the buttons do.
page-leave-heading = Leave
page-leave-this = Leave this digest
page-leave-all = Leave all digests
page-pause-heading = Pause
page-pause-for = Send nothing for
page-pause = Pause
page-days = { $n ->
    [1] 1 day
   *[other] {$num} days
}
page-choose-heading = Topics and hour
page-topics = Topics
page-no-topic = None ticked means all.
page-hour = Hour
page-paused-until = Nothing is sent until {$when}.
page-has-left = You have left this digest: nothing is sent to you.
page-choose = Save
page-back-heading = Come back
page-come-back = Send me this digest again
page-done = Done
page-left-this = You get no more mail from this digest.
page-left-all = You get no more mail from any digest here.
page-paused = { $n ->
    [1] No mail for 1 day. Afterwards the digest comes again by itself.
   *[other] No mail for {$num} days. Afterwards the digest comes again by itself.
}
page-chosen = Your topics and your hour are saved. They hold from the next edition on.
page-came-back = The digest comes again, from the next edition on.
page-if-known = This holds if the link belongs to a subscription; the page says the same either way.
page-change-again = Change something else
page-not-understood = That was not understood, and nothing was changed. Please use one of the buttons.
page-try-later = This could not be saved just now. Please try again in some minutes.
page-not-now = This page can't be shown just now. Please try again in some minutes.
page-nothing-here = There is nothing here
page-nothing-why = The address is wrong, or what stood here is no longer kept.
page-languages = Languages

# The archive and its search.
archive-title = Archive
archive-no-edition = No edition yet.
archive-no-story = No story on this topic in the last editions.
archive-stories = Stories
archive-reports = Reports
archive-story = the whole story
archive-over-days = Each story over its days
archive-changed = Headlines that were changed
archive-until = until {$when}
archive-in-editions = Editions that told it
archive-search = Search
archive-search-words = Words to look for
archive-search-how = What holds every word is shown, the newest first.
archive-find = Find
archive-nothing-found = Nothing holds all of these words.
archive-older = Older ones
archive-as-feed = As a feed:
archive-subscribe = Get it by mail

# What a reader may choose.
choice-scopes-heading = About
choice-bilateral = both countries together
choice-pakistan = Pakistan
choice-afghanistan = Afghanistan
choice-kinds-heading = Kinds of text
choice-news = News
choice-reads-heading = Languages you read
choice-stories = Stories at most
choice-as-usual = as usual
choice-format = Form of the mail
choice-both = with colours, and as plain text
choice-html = with colours only
choice-text = plain text only
choice-days-heading = Days
choice-zone = Time zone
page-language = Language of the mail
choice-no-day = None ticked: as usual.

# Subscribing and confirming.
subscribe-title = Get the digest by mail
subscribe-how = You will get one mail with a link; nothing comes before you have confirmed it.
subscribe-address = Your mail address
subscribe-digests = Which digest
subscribe-trap = Leave this empty
subscribe-send = Send me the link
subscribe-privacy = The address is used for this digest only, and erased if you do not confirm within three days.
subscribe-sent-title = Look into your mailbox
subscribe-sent = If this address can be subscribed, a mail with a link is on its way. Press the button on the page behind the link.
subscribe-sent-once = At most one such mail goes to an address in a day. Whoever left all digests before comes back by the link in an earlier mail.
subscribe-wrong = That is not a mail address, or no digest was chosen. Nothing was sent.
subscribe-too-many = Too many requests just now. Please try again in an hour.
subscribe-confirm-title = Do you want this digest?
subscribe-confirm-how = Opening this page changes nothing; only the button does.
subscribe-confirm = Yes, send it to me
subscribe-confirmed = Done: the digest comes from the next edition on.
subscribe-expired = This link is used up or too old. Nothing was changed.
subscribe-preferences = Choose topics and hour, pause or leave

# The mail that asks to confirm.
confirm-subject = Please confirm: do you want this digest?
confirm-asked = Somebody, probably you, typed in this address to get:
confirm-press = If it was you, open this page and press the button:
confirm-within = { $n ->
    [1] The link is good for 1 day.
   *[other] The link is good for {$num} days.
}
confirm-ignore = If it was not you, do nothing: you will get no digest, and this address is erased when the link ends.
