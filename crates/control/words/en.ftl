# The console, for who administers.

## The rail

place-overview = Overview
place-decisions = Decisions
place-sessions = Sessions
place-access = Access map
place-people = People
place-groups = Groups
place-apps = Apps
place-policies = Policies
place-points = Points

## Lists

list-search = Search
list-show = Show
list-clear = Clear
list-any = any
list-nothing = Nothing here is like what you asked for.
list-all = Show all
list-pages = Pages
list-range = { $first }–{ $last } of { $total }
list-previous = Previous
list-next = Next
list-export = Take along as
list-changed = Changed
list-changed-by = { $when } by { $author }
list-reading = { $count ->
    [one] The list is being read: { $count } so far. That is done once after a start.
   *[other] The list is being read: { $count } so far. That is done once after a start.
}
list-again = Look again
list-no-one = none
confirm-leave = Leave it as it is

## Finding

find-title = Search
find-help = Type a name, a host, a policy, or the id of a request.
find-place = Page
find-decision = Decision
find-action = Action
find-access = What { $name } may open
find-decisions = Decisions about { $name }

## History

history = History
history-change = Revision { $revision } by { $author }, { $when }
history-deleted = deleted
history-first = first known
history-back = Roll back to revision { $revision }
history-diff = What revision { $revision } changed
history-more = Older changes are kept, too, and shown by “bartizan history”.
history-unchanged = Nothing was changed.
back-title = Roll { $name } back to revision { $revision }?
back-becomes = { $name } becomes what { $author } made it { $when }. It is a new change, and can be rolled back, too.
back-deleted = It was deleted then, so it is deleted again.
back-changes = What changes
back-cuts = Everything that is open is decided again, and cut if it is no longer permitted.
back-done = { $cut ->
    [one] Rolled back to revision { $to }, as revision { $revision }; { $cut } live stream cut.
   *[other] Rolled back to revision { $to }, as revision { $revision }; { $cut } live streams cut.
}

## People

people-person = Person
people-login = Signs in as
people-login-hint = Small letters and digits, such as their mail name.
people-full-name = Full name
people-mail = Mail
people-role = Role
people-state = State
people-active = Active
people-disabled = Disabled
people-admin = Administrator
people-erased = erased
people-sign-ins = Sign-ins
people-live = Live streams
people-none = Nobody is here yet. Invite the first person below, or with:
people-back = Back to the people
person-gone = This account is deleted. Roll it back below, if it is wanted again.
person-groups = Groups
person-id = Identifier
person-sign-ins = Signed in
person-signed-out = Not signed in at the moment.
person-decisions-none = Nothing about an app was decided for them yet.
person-disable = Disable
person-enable = Enable
person-access = What they may open
person-link = Sign-in link
person-invite = Invite again
session-since = Since
session-seen = Last seen
session-by = Signed in by
session-end = End
object-decisions = Latest decisions
object-decisions-all = All decisions
disable-title = Disable { $name }?
disable-open-nothing = Nothing that { $name } has open would be cut: nothing is open.
disable-open = { $live ->
    [one] { $live } live stream of { $name } would be cut at once: requests, streams and downloads stop before their end.
   *[other] { $live } live streams of { $name } would be cut at once: requests, streams and downloads stop before their end.
}
disable-sign-ins = { $count ->
    [one] { $count } sign-in would be of no use any more, and so would its tokens.
   *[other] { $count } sign-ins would be of no use any more, and so would their tokens.
}
disable-back = Nothing is deleted: enabling the account gives everything back but what was cut.
disable-verb = Disable { $name }
disable-verb-cut = { $live ->
    [one] Disable { $name } and cut { $live } live stream
   *[other] Disable { $name } and cut { $live } live streams
}
disable-done = { $cut ->
    [one] { $name } is disabled; { $cut } live stream cut in { $took }.
   *[other] { $name } is disabled; { $cut } live streams cut in { $took }.
}
disable-was = { $name } was disabled already.
enable-title = Enable { $name }?
enable-effect = { $name } may do again whatever the policies permit, with the factors and groups that they had.
enable-verb = Enable { $name }
enable-done = { $name } may act again.
enable-was = { $name } was not disabled.
invite-new = Invite somebody new
invite-no-login = Enter what they will sign in with.
invite-taken = There is somebody called { $login } already. Invite them again on their page, if that is meant.
invite-title = An invitation for { $name }
invite-again-title = Invite { $name } again?
invite-effect = Makes a link that works once. With it { $name } sets a new password and a new authenticator: for who has lost theirs.
invite-ends = Once it is used, it takes the place of whatever factors they have, and ends their sign-ins (now { $count ->
    [one] { $count } sign-in
   *[other] { $count } sign-ins
}, { $live ->
    [one] { $live } live stream
   *[other] { $live } live streams
}). Until then nothing changes.
invite-care = Whoever has the link can take the account: hand it over where you know who listens.
invite-verb = Make an invitation
link-ask-title = A sign-in link for { $name }?
link-title = A sign-in link for { $name }
link-effect = Makes a link that works once and stands for the password of { $name }. Their second factor is still asked for.
link-touches-nothing = Nothing that they have open is touched.
link-verb = Make a sign-in link
link-hand-over = Hand this link over. It works once, until { $until } ({ $left } from now), and is not shown again.
link-created = The account is there now, in no group but what you add it to.

## Groups

group = Group
group-effective = People in effect
group-direct = Named in it
group-inner = Groups in it
group-outer = It is in
group-people = { $count ->
    [one] { $count } person in effect
   *[other] { $count } people in effect
}
group-empty = Nobody is in it, directly or through another group.
group-more = { $count ->
    [one] And { $count } more person.
   *[other] And { $count } more people.
}
group-gone = This group is deleted. Roll it back below, if it is wanted again.
groups-by-files = In effect are those who are in a group themselves or through groups in it. Groups are changed by files: { $command }
groups-none = There is no group yet. Policies are best written about groups. Declare one in a file, and:

## Apps

app = App
app-host = Host
app-server = Server
app-own = Bartizan itself
app-plain = Plain HTTP accepted
app-own-ca = Own CA
app-sees-host = Sees as its host
app-host-public = the public name
app-host-its-own = its own name
app-audit = Audit
app-audit-normal = normal
app-audit-strict = strict
app-told-groups = Is told of groups
app-lease = Lease
app-lease-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
app-relax = Takes although servers differ
app-access = Who may open it
app-policies = Policies about it
app-policies-none = No policy is about it, so everybody is denied.
app-decisions-none = Nothing was decided about it yet.
app-gone = This app is deleted. Roll it back below, if it is wanted again.
apps-by-files = Apps are changed by files: { $command }
apps-none = No app stands behind the gateway yet. Declare one in a file, and:

## Policies

policy = Policy
policy-effect = Effect
policy-permits = Permits
policy-forbids = Forbids
policy-about = What it is for
policy-no-reason = It does not say.
policies-rule = What none permits is denied, and what one forbids stays denied, whatever others permit.
policies-none = There is no policy, so everything is denied. Write one in a “.cedar” file, and:

## Access map

access-person = Person (login name)
access-app = App
access-no-person = There is no person “{ $name }”.
access-no-app = There is no app “{ $name }”.
access-whole = The whole map
access-of-person = What { $name } may open, and by which policies.
access-of-app = Who may open { $app }, and by which policies.
access-of-all = Whom each policy is about, and which apps. Choose a person or an app to see who gets in.
access-supposed = Decided now, as if each person had just signed in strongly from where you are, on no known device.
access-whom = Who that is about
access-more = There are more: the table has all of them.
access-answer = Answer
access-because = Because
access-about = Which apps
access-permitted = Permitted
access-denied = Not permitted
access-permits = permitted by { $policies }
access-forbids = forbidden by { $policies }
access-no-policy = no policy permits it
access-everybody = everybody signed in
access-anybody = anybody
access-strangers = who is not signed in
access-all-apps = all apps
access-administration = the administration
access-many = Search to narrow the people down; then they can be told apart by answer, too.
access-people = { $count ->
    [one] { $count } person
   *[other] { $count } people
}

## The overview: what happened, how things stand, what needs attention

overview-activity = Decisions about apps
overview-utc = Times in UTC
overview-span = How much is shown
overview-span-day = 24 hours
overview-span-week = 7 days
overview-span-month = 30 days
overview-nothing = Nothing was decided about an app in this time. Each request to an app leaves a decision here.
overview-nothing-try = Show more days, or ask what would be decided: { $command }
overview-reasons = Why requests were denied
overview-no-reasons = Nothing was denied in this time.
overview-now = Now
overview-live = Live streams
overview-sign-ins = Sign-ins
overview-people = { $count ->
    [one] by { $count } person
   *[other] by { $count } people
}
overview-log = Evidence log
overview-log-size = { $count ->
    [one] { $count } entry
   *[other] { $count } entries
}
overview-log-signed = signed { $when }
overview-log-indexed = { $count ->
    [one] { $count } entry is not found by searches yet
   *[other] { $count } entries are not found by searches yet
}
overview-log-verify = Prove that it is whole: { $command }
overview-log-whole = Whole
overview-log-damaged = Damaged
overview-log-checked = verified { $when }
overview-certificates = Certificates
overview-authority = Own authority
overview-days-left = { $days ->
    [0] ends today
    [one] ends in { $days } day
   *[other] ends in { $days } days
}
overview-latest = Latest decisions
overview-all-decisions = All decisions
overview-latest-none = Nothing has been decided about an app yet. Open one, and the decision stands here.
overview-latest-try = See what apps there are: { $command }
overview-cuts = Cut lately
overview-all-cuts = All cuts
overview-cuts-none = Nothing was cut. What is cut because it is no longer allowed stands here, with the reason.
overview-cuts-try = End what somebody has open: { $command }
overview-left-out = Decisions about the console and the sign-in pages are left out here.
overview-own-count = Count them, too
overview-own-counted = The chart counts decisions about the console and the sign-in pages, too.
overview-own-leave = Leave them out

chart-caption-day = Decisions about apps in the last 24 hours, by outcome
chart-caption-week = Decisions about apps in the last 7 days, by outcome
chart-caption-month = Decisions about apps in the last 30 days, by outcome
chart-show-table = Show as table
chart-time = Time (UTC)
chart-sum = All of it
chart-number = { $number }
chart-permit = Permitted
chart-step-up = Step-up
chart-deny = Denied
chart-cut = Cut
chart-said = { $when } UTC: { $what }
chart-said-permit = { $count } permitted
chart-said-step-up = { $count } asked for a better sign-in
chart-said-deny = { $count } denied
chart-said-cut = { $count } cut
chart-hours = { $day }, { $from }–{ $to }
chart-weekday = { $weekday } { $day }
chart-date = { $day } { $month }
chart-monday = Mon
chart-tuesday = Tue
chart-wednesday = Wed
chart-thursday = Thu
chart-friday = Fri
chart-saturday = Sat
chart-sunday = Sun
chart-january = Jan
chart-february = Feb
chart-march = Mar
chart-april = Apr
chart-may = May
chart-june = Jun
chart-july = Jul
chart-august = Aug
chart-september = Sep
chart-october = Oct
chart-november = Nov
chart-december = Dec

attention-title = Needs attention
attention-nothing = Nothing that is known here needs attention.
attention-spool-fails = Evidence cannot be written to this machine's disk, so requests are refused.
attention-spool-fills = Evidence waits on this machine and takes { $percent } % of its room. When it is full, requests are refused.
attention-damaged = { $count ->
    [one] The evidence log is not as it was signed: { $count } problem was found.
   *[other] The evidence log is not as it was signed: { $count } problems were found.
}
attention-missed = { $count ->
    [one] { $count } stream was cut later than it should have been. That is a fault of ours.
   *[other] { $count } streams were cut later than they should have been. That is a fault of ours.
}
attention-point-out = { $name } is away and decides nothing: its apps cannot be reached.
attention-point-away = { $name } is not heard of.
attention-point-behind = { $name } has not confirmed a change for { $seconds ->
    [one] { $seconds } second
   *[other] { $seconds } seconds
}.
attention-point-fills = { $name } keeps { $count ->
    [one] { $count } event
   *[other] { $count } events
} that the log does not have yet.
attention-authority-ends = { $days ->
    [0] The certificate of this deployment's own authority ends today.
    [one] The certificate of this deployment's own authority ends in { $days } day.
   *[other] The certificate of this deployment's own authority ends in { $days } days.
} Whoever trusts it has to get the next one.
attention-certificate-ends = { $days ->
    [0] The certificate of { $name } ends today.
    [one] The certificate of { $name } ends in { $days } day.
   *[other] The certificate of { $name } ends in { $days } days.
} Have it renewed; the new file is taken up by itself.
attention-authority-ended = The certificate of this deployment's own authority has ended.
attention-certificate-ended = The certificate of { $name } has ended: browsers refuse these hosts.
attention-person = { $name } was denied { $recent ->
    [one] once
   *[other] { $recent } times
} in the last 24 hours, and { $before ->
    [0] never
    [one] once
   *[other] { $before } times
} in the { $days ->
    [one] day
   *[other] { $days } days
} before.
attention-app = { $name } denied { $recent ->
    [one] one request
   *[other] { $recent } requests
} in the last 24 hours, and { $before ->
    [0] none
   *[other] { $before }
} in the { $days ->
    [one] day
   *[other] { $days } days
} before.
attention-unindexed = { $count ->
    [one] Searches do not find the newest entry of the log.
   *[other] Searches do not find the newest { $count } entries of the log.
}
attention-see-points = See the points
attention-see-denials = See the denials
