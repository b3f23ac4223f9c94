# The parts that pages are made of.

## The frame of the console

skip = Skip to content
menu = Menu
rail = Main
up-to-date = Up to date
catching-up = Catching up
revision = revision { $revision }

## What happened

outcome-permit = Permitted
outcome-step-up = Step-up
outcome-deny = Denied
outcome-cut = Cut
disabled = Disabled

## Buttons that need a script

copy = Copy
copy-all = Copy all
copied = Copied
select-and-copy = Select it and copy
print = Print

## Times

just-now = just now
minutes-ago = { $count ->
    [one] { $count } minute ago
   *[other] { $count } minutes ago
}
hours-ago = { $count ->
    [one] { $count } hour ago
   *[other] { $count } hours ago
}
days-ago = { $count ->
    [one] { $count } day ago
   *[other] { $count } days ago
}
seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
moment = { $day } { $month ->
    [1] January
    [2] February
    [3] March
    [4] April
    [5] May
    [6] June
    [7] July
    [8] August
    [9] September
    [10] October
    [11] November
   *[12] December
} { $year }, { $time } UTC

## At the foot of a page

languages = Language

## The search of the console, and its keys

find = Find
found = What was found
keys = Keys
key-find = Find anything
key-search = Go to the search of the page
key-rows = Walk through the rows; Enter opens one
key-help = Show the keys
close = Close

## The pages where a person looks after what is theirs

home = Your pages
home-apps = Apps
home-activity = Activity
home-account = Sign-in and security
browser-on = { $browser } on { $system }, { $address }
browser-from = { $browser }, { $address }
unknown-place = Unknown place

## The editor

editor-checking = Checking…
editor-unchecked = It could not be checked just now. Saving checks it, too.
editor-control = Control character
editor-keys = F8 goes to the next mistake; Tab leaves the text.

## What changed between two texts

diff-none = No line is different.
diff-gone = removed:
diff-new = added:
