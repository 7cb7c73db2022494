# The words of the mail itself; everything else in a digest speaks its own language.
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
links = Links
side-pakistan = Pakistan
side-afghanistan-state = Afghanistan, state
side-afghanistan-exile = Afghanistan, exile
side-regional = regional
side-international = international
side-un-ngo = UN/NGO
who-covers = Who covers it
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
