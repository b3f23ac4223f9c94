# The console, for who administers.

## The rail

place-overview = Overview
place-decisions = Decisions
place-sessions = Sessions
place-access = Access map
place-people = People
place-groups = Groups
place-apps = Apps
place-clients = Clients
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
list-columns = Columns
list-leave-out = Leave out { $name }
list-bring-back = Show { $name }
views = Views that you keep
views-keep = Keep this view
views-forget-some = Forget a view
views-name = Name
views-forget = Forget { $name }
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

## Protecting an app

protect-app = Protect an app
protect-title = Protect an app
protect-title-of = Protect { $app }
protect-steps = Steps
protect-step-where = Where is it?
protect-step-who = Who may enter?
protect-step-what = What would happen?
protect-back = Back
protect-what = Say where its server is. Nothing is made before the last step, and going back loses nothing.
protect-server = Address of its server
protect-server-hint = Where it answers now, such as http://127.0.0.1:3000 or https://wiki.internal.
protect-name = Name
protect-name-hint = What it is called here, in small letters. Left empty, it is taken from the address.
protect-host-hint = What people type into their browser. Left empty, it is the name under { $domain }.
protect-special = Something special about its server
protect-special-server = About its server
protect-special-hint = The first says that the network to it keeps to itself what is sent in clear. The second is for servers that know only their own name, and not the host above.
protect-plaintext = Plain http is accepted
protect-own-name = Asked by its own name
protect-ca = Certificates of its own authority
protect-ca-hint = Only if it has a certificate that this machine does not trust: the text from BEGIN CERTIFICATE to END CERTIFICATE.
protect-look = Look at the server
protect-seen = What is seen of it
protect-seen-here = This was seen from this machine. A redirect was not followed, and nothing of a page was kept.
protect-seen-elsewhere = Gateways on other machines may see it otherwise.
protect-next-who = Go on: who may enter?
protect-next-anyway = Go on anyway: who may enter?
protect-busy = Too many servers are being looked at just now. Look again in a few seconds.
protect-long = That is too much for an address. Leave the certificates out, and add them with a file later.
protect-no-server = Say where its server is.
protect-server-form = Write http:// or https://, a name or an address, and a port if it is not the usual one; no path.
protect-name-form = Use 1 to 56 of a–z, 0–9, “-”, “_” and “.”, beginning with a letter or a digit.
protect-name-reserved = “{ $name }” is one of this deployment's own hosts. Choose another name.
protect-name-taken = There is an app “{ $name }” already. Choose another name.
protect-policy-taken = There is a policy “{ $policy }” already, and the one that lets people in would be called so. Choose another name.
protect-no-host = Say by which name people reach it.
protect-host-form = This is no host name. Use a–z, 0–9 and “-” with dots between, in small letters, without https:// and without a port.
protect-host-own = “{ $host }” belongs to this deployment itself. Choose another host.
protect-host-taken = “{ $host }” belongs to the app “{ $app }” already. Choose another host.
protect-host-other = “{ $host }” is not under { $domain }: it needs a record in DNS of its own, and a certificate that covers it.
protect-ca-form = This holds no certificate. Paste the text from BEGIN CERTIFICATE to END CERTIFICATE.
protect-ca-long = That is more than 4,000 characters. Leave it out, and add it with a file later.
protect-plaintext-refused = What people do there would go over the network in clear. Use https, or tick the first box if that network keeps it to itself.

protect-seen-name = { $host } is { $addresses }.
protect-seen-reached = Something listens at { $address }.
protect-seen-public-ca = Its certificate is for { $names }, issued by { $issuer }, trusted by this machine, and good for { $ends } more.
protect-seen-own-ca = Its certificate is for { $names }, issued by { $issuer }, trusted by what you pasted, and good for { $ends } more.
protect-seen-answer = It answers with status { $status }.
protect-seen-answer-of = It answers with status { $status } and calls itself { $server }.
protect-seen-refuses = It refuses whoever it does not know, as many do.
protect-seen-empty = There is nothing at its first page. Some servers are like that; some are the wrong one.
protect-seen-wrong-host = It may want to be asked by its own name: tick that box, and look again.
protect-seen-trouble = It is there, and in trouble: see its own log.
protect-seen-sends = It sends people on to { $to }.
protect-seen-sends-away = It sends people to { $to }.
protect-seen-past = That is another host, past this deployment. It may want to be asked by its own name: tick that box, and look again. Or tell it its new name, in its own settings.
protect-seen-wants-tls = It wants TLS: write https:// in its address.
protect-seen-password = It has a sign-in of its own: people sign in here first, and then there.
protect-stop-name = Nobody finds { $host }.
protect-stop-name-help = Mend the name in DNS, or in /etc/hosts of this machine.
protect-stop-refused = Nothing listens at { $address }.
protect-stop-refused-help = Start the server, or mend the port.
protect-stop-unreachable = { $address } cannot be reached: { $why }.
protect-stop-unreachable-help = Mend the address, or the network between.
protect-stop-no-tls = What answers at { $address } does not speak TLS.
protect-stop-no-tls-help = Write http:// in its address, or mend the port.
protect-stop-authority = What { $address } shows cannot be checked: { $why }.
protect-stop-no-http = What answers at { $address } is no web server, or hung up: { $why }.
protect-stop-no-http-help = Mend the port; if it wants TLS, write https://.
protect-stop-late = { $address } did not answer within 5 seconds.
protect-stop-late-help = A firewall may drop what is sent there, or the server is stuck.
protect-stop-issuer = Its certificate is for { $names }, and issued by { $issuer }, whom this machine does not trust.
protect-stop-issuer-help = Paste the certificate of that authority under “Something special”, or have it issued by one that is trusted.
protect-stop-ended = Its certificate, for { $names } and issued by { $issuer }, has ended, or is not valid yet.
protect-stop-ended-help = Renew it, and look at the clocks of both machines.
protect-stop-names = Its certificate is for { $names }, issued by { $issuer }, and not for the name in the address.
protect-stop-names-help = Write one of these names in its address.
protect-stop-certificate = The certificate of { $address } is not accepted: { $why }.
protect-stop-certificate-help = Have another issued.

protect-who = Without a policy that lets them in, nobody opens { $app }. This makes one.
protect-whom = Who may enter
protect-whom-new = A new group, named below
protect-whom-everybody = Everybody who signs in
protect-whom-group = { $count ->
    [one] Group { $group } ({ $count } person)
   *[other] Group { $group } ({ $count } people)
}
protect-group = Name of the new group
protect-members = Who is in it
protect-members-are = For instance { $logins }.
protect-members-hint = Login names of people, or names of groups, with blanks between.
protect-asks = Their sign-in
protect-asks-strong = With two factors
protect-asks-today = With two factors, within the last 8 hours
protect-asks-any = Any
protect-next-what = Go on: what would happen?
protect-no-whom = Choose who may enter.
protect-group-form = Use 1 to 63 of a–z, 0–9, “-”, “_” and “.”, beginning with a letter or a digit.
protect-group-taken = There is a group “{ $name }” already. Choose it above, or another name.
protect-no-members = Name at least one person or group.
protect-many-members = That is more than 50. Make the group with a file.
protect-no-member = There is no person and no group “{ $name }”. Invite people first, under “People”.
protect-both = “{ $name }” is both a person and a group: write “user:{ $name }” or “group:{ $name }”.
protect-reason-everybody = Everybody who signs in may open { $app }
protect-reason-group = Group { $group } may open { $app }
protect-reason-strong = , after a strong sign-in
protect-reason-today = , after a strong sign-in of the last 8 hours

protect-make = Protect { $app }
protect-refused = This cannot be made as it is.
protect-nobody = Nobody would get into { $app } yet: nobody is in that group, or all who are may not act.
protect-enter = { $count ->
    [one] { $count } of { $all } people would get into { $app }, if they had just signed in. Everybody else is denied.
   *[other] { $count } of { $all } people would get into { $app }, if they had just signed in. Everybody else is denied.
}
protect-enter-many = Who would get into { $app } is not counted where there are more than 5,000 people. The access map tells afterwards.
protect-reached = How it is reached
protect-opened-at = People open
protect-name-leads = Its name
protect-certificate = Its certificate
protect-leads-unseen = Not looked up lately. Go back and look at the server, to know.
protect-leads-local = { $host } leads every browser to its own machine, without DNS.
protect-leads-here = { $host } leads to this machine.
protect-leads-away = { $host } leads to { $addresses }, which is no address of this machine. That is right if something in front passes it on, or if another gateway serves it.
protect-leads-nowhere = { $host } leads nowhere yet. Add a record to DNS that leads to this machine.
protect-certified-supplied = from the files of the configuration
protect-certified-own = from the deployment's own authority, by itself
protect-certified-public = from { $authority }, as soon as its name leads here
protect-made = What is made
protect-created = New: { $names }.
protect-same = The same by command
protect-same-how = Put these into a folder, and apply it. The button above does no more than that.
protect-done = { $app } is protected since revision { $revision }.
protect-everywhere = Every gateway has it.
protect-not-everywhere = Not every gateway has it yet. It is denied there until then.
protect-open = People open it at { $url }
protect-try = Try it as somebody
protect-try-how = What would be decided now if they opened its first page. Nothing is opened, and nothing is changed.
protect-try-session = Decided as under their newest sign-in.
protect-try-assumed = They are not signed in, so a strong sign-in of this moment is assumed.
protect-try-verb = Try
protect-try-title = Try { $app } as somebody
protect-try-missing = does not hold: { $condition }, met { $value }
protect-try-no-way = Nothing that they can do turns this.
protect-to-app = To { $app }

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
access-services = programs that act for themselves
access-anybody = anybody
access-strangers = who is not signed in
access-all-apps = all apps
access-all-clients = all clients
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

## First steps

start-title = First steps
start-so-far = { $done } of { $all } are done.
start-go-on = What is left can be done in any order, or later. Each step shows the command that does the same.
start-over = All is done that you wanted done. What follows is how it stands.
start-by-command = By command:
start-done = Done
start-next = Next
start-open = Open
start-later = Left for later
start-leave = Leave for later: { $step }
start-take-up = Take up again: { $step }
start-sign-in = Your sign-in
start-domain = Names and certificates
start-app = The first app
start-second = A second person
start-denial = A denial, explained
start-you-are = You sign in as { $login }, with a password and an authenticator app. Recovery codes are for the day the phone is gone.
start-password = Password since
start-authenticator = Authenticator app since
start-passkeys = Passkeys
start-passkeys-count = { $count ->
    [0] None
   *[other] { $count }
}
start-codes = Recovery codes
start-codes-left = { $count ->
    [one] { $count } left
   *[other] { $count } left
}
start-no-factors = Nothing is known of how you sign in.
start-to-account = Go to your account
start-trust = Browsers warn of certificates from the own authority until they trust it: have { $file } trusted on the machines of your people. Its certificate
start-certificate = Its certificate comes { $from }.
start-app-none = No app is protected yet. You need the address where it answers now.
start-app-there = { $app } is protected, and opened at { $url }
start-second-none = You are alone so far. Invite somebody, to see what others see.
start-second-there = { $name } can sign in, too. Try what they may open before they do.
start-denial-none = Nobody who was signed in has been denied an app yet. Open one as somebody who may not, and the reason stands here.
start-to-denial = See why
start-first = Nothing is protected yet
start-first-how = A few steps lead from here to an app that some may enter, while others are told why not.
start-begin = Begin
start-still-open = { $count ->
    [one] First steps: { $count } is open
   *[other] First steps: { $count } are open
}

## Said on many pages: what was to be done, why it was refused, how long

to-do = { $action ->
    [http-read] read { $resource }
    [http-write] write to { $resource }
    [token-issue] have a token for { $resource }
    [admin-read] see the administration's { $resource }
    [admin-write] change the administration's { $resource }
   *[other] { $verb } { $resource }
}
together = { $some } and { $last }
length-less = less than a second
length-seconds = { $count ->
    [one] { $count } second
   *[other] { $count } seconds
}
length-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
length-hours = { $count ->
    [one] { $count } hour
   *[other] { $count } hours
}
length-days = { $count ->
    [one] { $count } day
   *[other] { $count } days
}
took-millis = { $millis } ms
took-seconds = { $whole }.{ $tenths } s
reason-sign-in-required = nobody is signed in
reason-session-ended = the sign-in has ended
reason-step-up-required = a stronger or newer sign-in is wanted
reason-denied-by-policy = no policy permits it, or one forbids it
reason-subject-disabled = the account is disabled
reason-risk-too-high = the account behaves unusually
reason-device-not-trusted = the device is not in order
reason-evidence-unavailable = nothing can be recorded
reason-lease-expired = the gateway is cut off from its control plane
reason-overloaded = too much is under way
refused-sign-in-required = Sign in to open this
refused-session-ended = Your sign-in has ended
refused-step-up-required = This needs a stronger sign-in
refused-denied-by-policy = You do not have access to this
refused-subject-disabled = This account is disabled
refused-risk-too-high = Access is paused for this account
refused-device-not-trusted = This device cannot open this
refused-evidence-unavailable = Access is paused: nothing can be recorded
refused-lease-expired = Access is paused: this gateway is cut off from its control plane
refused-overloaded = Too much is under way

## The list of decisions

live-on = Live: what comes appears here
live-stale = Nobody has answered since { $time }; what stands here is older
live-stop = Stop
live-start = Watch what comes
decisions-person-is = Person is
decisions-app-is = App is
decisions-outcome-is = Outcome is
decisions-reason-is = Reason is
decisions-request-is = Request is
decisions-since = Since (24h, 7d, a time)
decisions-until = Until
decisions-hosts-are = Hosts are
decisions-hosts-apps = apps only
decisions-hosts-all = all, the console too
decisions-at-most = At most
decisions-permitted = permitted
decisions-denied = denied
decisions-cut = cut
decisions-no-request = This is not the id of a request.
decisions-no-time = Write 24h, 7d, or 2026-01-31T09:00:00Z.
decisions-outcome = Outcome
decisions-wanted = Wanted to
decisions-when = When
decisions-request = Request
decisions-forbids = { $policy } forbids it
decisions-permits = { $policy } permits it
decisions-nobody = Nobody signed in
decisions-none = No decision about an app is recorded yet. Each request to an app leaves one here.
decisions-none-try = Ask one of the demo's apps: { $command } says what would be decided.
decisions-none-like = No decision is like this. Widen the time, or { $clear }.
decisions-clear-filter = clear the filter
decisions-not-searched = Mend what is marked above; nothing was searched.
decisions-count = { $count ->
    [one] { $count } decision, newest first.
   *[other] { $count } decisions, newest first.
}
decisions-more = There may be more: narrow the time, or ask for more at once.
decisions-left-out = The console and the sign-in pages are left out.

## One decision

decision-of-request = request
decision-was-cut = It was cut { $when }.
decision-was-cut-because = It was cut { $when }: { $reason }.
decision-no-remedy = Nothing that the person can do turns this. It takes a change by an administrator: what stands in the way is marked.
decision-policies = What the policies say
decision-asked = What was asked
decision-asker = Who asked, at that moment
decision-proof = Proof
decision-stranger = Somebody who is not signed in
decision-may = { $action ->
    [http-read] { $name } may read { $resource }
    [http-write] { $name } may write to { $resource }
    [token-issue] { $name } may have a token for { $resource }
    [admin-read] { $name } may see the administration's { $resource }
    [admin-write] { $name } may change the administration's { $resource }
   *[other] { $name } may { $verb } { $resource }
}
decision-may-not = { $action ->
    [http-read] { $name } may not read { $resource }
    [http-write] { $name } may not write to { $resource }
    [token-issue] { $name } may not have a token for { $resource }
    [admin-read] { $name } may not see the administration's { $resource }
    [admin-write] { $name } may not change the administration's { $resource }
   *[other] { $name } may not { $verb } { $resource }
}
decision-yes = Permitted: { $may }: { $why }.
decision-yes-only = Permitted: { $may }.
decision-no = Denied: { $may }: { $why }.
decision-not-yet = Not yet: { $may }: { $why }.
decision-permitted-by = { $count ->
    [one] policy { $policies } permits it
   *[other] policies { $policies } permit it
}
decision-forbidden-by = { $count ->
    [one] policy { $policies } forbids it
   *[other] policies { $policies } forbid it
}
decision-nearest-misses = { $count ->
    [one] no policy permits it; of { $policy } one condition does not hold
   *[other] no policy permits it; of { $policy }, the nearest, { $count } conditions do not hold
}
decision-about-nothing = no policy is about it
decision-wants-stronger = policy { $policy } wants a stronger or newer sign-in
decision-remedies = What would permit it
decision-smallest-change = Smallest change
decision-tried = Each was tried on what was known then, and turns the answer.
way-sign-in = Sign in
way-sign-in-again = Sign in again
way-confirm = Confirm that it is you with a second factor
way-sign-in-strongly = Sign in again, with a second factor
way-mend-device = Bring this device in order
way-enrol-device = Enrol this device
way-switch-account = Use another account
way-await-review = Wait until the unusual activity on this account has been looked at
way-await-time = Wait until { $time }
way-with-advice = { $way }. { $advice }
decision-none-asked = No policy was asked: it was clear before that.
decision-none-about = No policy is about this. Without one that permits it, everything is denied.
decision-write-one = Write one, and { $command }.
decision-further = { $count ->
    [one] { $count } policy further away
   *[other] { $count } policies further away
}
decision-permits-this = Permits this
decision-forbids-this = Forbids this
decision-would-permit = Would permit, does not apply
decision-would-forbid = Would forbid, does not apply
decision-smallest-is = Smallest change: { $way }.
decision-smallest-alone = Smallest change: this alone is missing.
decision-missing-too = Missing as well.
decision-one-missing = { $count ->
    [one] { $count } is missing.
   *[other] One of the { $count } that are missing.
}
decision-in-the-way = In the way: would have to end.
decision-nearest = Nearest to a yes
decision-holds = Holds
decision-fails = Does not
decision-met = met { $value }
decision-no-conditions = It has no conditions: it is about everything.
decision-wanted = Wanted
decision-on = { $action } on { $kind } { $resource }
decision-from = From
decision-with = With
decision-revision = Revision
decision-sign-in = Sign-in
decision-no-sign-in = none
decision-sign-in-gone = what was known of it is no longer kept
decision-signed-in-by = { $level ->
    [strong] strong, by { $methods }
    [basic] basic, by { $methods }
   *[other] { $level }, by { $methods }
}
decision-signed-in = Signed in
decision-before = { $length } before
decision-factor = Second factor
decision-no-factor = none
decision-session = Session
decision-device = Device
decision-in-order = in order
decision-not-in-order = not in order
decision-managed = managed
decision-no-device = none that is enrolled
decision-risk = Risk
decision-risk-of = { $risk } of 100
decision-entry = Entry of the log
decision-event = Event
decision-decision = Decision
decision-prove = Prove it
decision-checkpoint = The signed checkpoint of the log

## Sessions, and ending them

live-streams = { $count ->
    [one] { $count } live stream
   *[other] { $count } live streams
}
sessions-you = You, here
sessions-none = Nobody is signed in. Each sign-in stands here until it ends.
sessions-none-try = Let somebody in: { $command }
sessions-count = { $sessions ->
    [one] { $sessions } sign-in
   *[other] { $sessions } sign-ins
} of { $people ->
    [one] { $people } person
   *[other] { $people } people
}.
sessions-ending = Ending one closes whatever it has open, at once; the person can sign in again.
session-of = The sign-in of { $name }
session-until = Ends without use in
session-id = Sign-in
session-open = Open at this moment
session-open-what = Open to
session-received = Received
session-sent = Sent
session-nothing-open = Nothing is open. What is asked for and answered is gone at once; streams and downloads stand here while they run.
session-open-elsewhere = { $count ->
    [one] { $count } more is open at a gateway on another machine.
   *[other] { $count } more are open at gateways on other machines.
}
amount-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
amount-kib = { $whole }.{ $tenths } KiB
amount-mib = { $whole }.{ $tenths } MiB
amount-gib = { $whole }.{ $tenths } GiB
end-one = End the sign-in
end-one-of = End the sign-in of { $name }
end-all = End all { $count } sign-ins
end-all-of = End all { $count } sign-ins of { $name }
end-live = { $live ->
    [one] End { $live } live stream
   *[other] End { $live } live streams
}
end-live-of = { $live ->
    [one] End { $live } live stream of { $name }
   *[other] End { $live } live streams of { $name }
}
end-question = { $verb }?
end-sign-in = { $live ->
    [one] A sign-in that began { $began }, by { $methods }, last seen { $seen }, with { $live } live stream
   *[other] A sign-in that began { $began }, by { $methods }, last seen { $seen }, with { $live } live streams
}
end-nothing-open = Nothing of it is open at the moment.
end-stops = Requests, streams and downloads under way stop before their end.
end-next = The next request asks for a new sign-in.
end-own = This is your own sign-in: you are signed out, and this page with you.
end-done = { $name }: { $count ->
    [one] { $count } sign-in ended
   *[other] All sign-ins ended
}; { $cut ->
    [one] { $cut } live stream cut in { $took }.
   *[other] { $cut } live streams cut in { $took }.
}

## One policy

policy-text = Text
policy-text-of = Text of the policy
policy-edit = Edit
policy-gone = This policy is deleted. Roll it back below, if it is wanted again.
policy-cedar = Text in Cedar
policy-cedar-hint = People by login name. Keep the @id: it is the policy's name.
policy-save = Save
policy-check = Check only
policy-found = What was found
policy-better = It is in order, and could be better
policy-not-saved = { $count ->
    [one] Not saved: { $count } mistake
   *[other] Not saved: { $count } mistakes
}
policy-sound = It is in order. Nothing was saved yet.
policy-sound-same = It is in order, and the same as before.
policy-same = It is the same as before, so nothing was saved.
policy-saved = { $cut ->
    [one] Saved as revision { $revision }; { $cut } live stream cut.
   *[other] Saved as revision { $revision }; { $cut } live streams cut.
}
policy-other = this is another policy, `{ $id }`
policy-other-help = keep `@id("{ $id }")`; add others with `bartizan apply`
policy-empty = there is no policy in this text
policy-empty-help = delete it with `bartizan delete policy NAME`, if that is meant
policy-in-order = It is in order.
policy-mistakes = { $count ->
    [one] { $count } mistake
   *[other] { $count } mistakes
}
policy-place = Line { $line }, column { $column }
policy-new = New policy
policy-create = Create it

## Two who change one policy

clash = Somebody else changed it while you wrote
clash-changed = { $author } made revision { $revision } of it, { $when }. Nothing of yours was saved.
clash-deleted = { $author } deleted it in revision { $revision }, { $when }. Nothing of yours was saved.
clash-ways = Your text is in the editor below. Take over what you want to keep of theirs and save it, or leave it as they made it.
clash-theirs = What changed meanwhile
clash-mine = What you changed
clash-over = What saving yours would change now
clash-save = Save mine over theirs

## What is asked about a policy before it is saved

try = Try it
try-what = How one request would be decided, now and with this text. Nothing is saved.
try-person = Person, by login name
try-method = Method
try-path = Path
try-verb = Ask
try-now = Now
try-then = With this text
try-turns = The answer would be another.
try-stays = The answer stays the same.
try-by = It would rest on { $policies }.
try-no-say = This policy has no say in it.
try-method-wrong = A method is a word of letters, such as GET or POST.
try-path-wrong = A path begins with a slash and has at most 2,048 characters.
try-no-app = There is no app to ask for. Add one first.
try-tests = Policy tests
try-cases = Tests, as they stand in files
try-tests-hint = Each [[case]] has an app and expects "permit" or "deny". They are asked of the people and apps that there are, and are not kept.
try-run = Run the tests
try-unread = The tests are not in order, so none was run.
try-passed = { $count ->
    [one] { $count } test passed.
   *[other] All { $count } tests passed.
}
try-failed = { $count ->
    [one] { $failed } of { $count } test failed.
   *[other] { $failed } of { $count } tests failed.
}
try-as-expected = As expected:
try-too-many = there are more than { $count } tests, or more than 64 KiB of them
effect = Who gains or loses access
effect-none = Nobody: everybody gets into the same apps as before.
effect-too-many = There are too many people and apps to ask about each. The access map tells of one app at a time once it is saved.
effect-gain = { $count ->
    [one] { $count } person gains { $app }:
   *[other] { $count } people gain { $app }:
}
effect-lose = { $count ->
    [one] { $count } person loses { $app }:
   *[other] { $count } people lose { $app }:
}
effect-more = and { $count } more
effect-supposed = As if each had just signed in strongly from where you are, on no known device, to read the first page.

## A new policy

new-what = Nothing is saved before you have seen its text and what it would do.
new-name = Name
new-name-hint = 1 to 63 of a-z, 0-9, “-”, “_” and “.”, such as payroll-finance.
new-name-wrong = This is not a name: it begins with a letter or a digit, and has only what is named below.
new-name-taken = There is a policy { $name } already. Choose another name.
new-template = What it begins from
new-group = Group
new-on = Go on to the text
new-open = A group may open an app
new-open-reason = Everybody in { $group } may open { $app }
new-strong = … after a strong sign-in of today, while they behave as usual
new-strong-reason = { $group } may open { $app } after a strong sign-in, while their account behaves as usual
new-device = … from an enrolled device that is in order
new-device-reason = { $group } may open { $app } from devices in order
new-read = … to read, and not to change anything
new-read-reason = { $group } may read { $app }
new-hours = … on weekdays from 7 to 19 UTC
new-hours-reason = { $group } may open { $app } in working hours
new-never = A group may never open an app, whatever else permits it
new-never-reason = Nobody in { $group } opens { $app }, whatever groups they are in

## Points on other machines

points-point = Point
points-lag = Lag
points-lease = Lease
points-spool = Spool
points-release = Release
points-change = Change
points-none = No gateway on another machine has joined. One that has is a point: it serves apps where they are, decides by what control tells it, and stands here with how it keeps up.
points-none-try = Let one join here, or with what this prints: { $command }
points-what = Gateways on other machines. The gateway of this machine is none of them.
points-let-join = Let one join
points-columns = Lag is how long the oldest change waits that a point has not confirmed; lease, how much longer it decides if it hears nothing more; spool, how many events wait there for the log.
points-not-listening = Control listens for no points, so none can join and none is heard of. Put this into { $file }, and restart control:
points-joined = joined { $when }
points-every-app = every app
points-missing = { $count } behind
points-control = control: { $release }
points-remove = Remove
points-on-others = { $count ->
    [one] { $count } point on other machines
   *[other] { $count } points on other machines
}
points-up-to-date = { $count } up to date
points-behind = { $count } behind
points-away = { $count } away
standing-up-to-date = Up to date
standing-behind = Behind
standing-behind-for = for { $length }
standing-away = Away
standing-decides-for = decides for { $left } at most
standing-decides-nothing = decides nothing
standing-unheard = not heard of since the start
remove-nothing = Nothing would be cut: as far as control knows, nothing is open there.
remove-ends = { $count ->
    [one] { $streams } there would end with its lease.
   *[other] { $streams } there would end with its lease.
}
remove-cuts = { $count ->
    [one] { $streams } there would be cut at once: requests, streams and downloads stop before their end.
   *[other] { $streams } there would be cut at once: requests, streams and downloads stop before their end.
}
remove-refuses = Whoever is sent to that machine is refused, until the names of its apps lead elsewhere.
remove-keys = Its certificate and the keys with which it signed are of no use any more. It cannot come back with what it has: to have it again, let it join anew, with another folder.
remove-away = It is away and cannot be told, so the answer waits until its lease is over: { $wait } at most.
remove-unheard = It was not heard of since control started. If that was just now, it may decide until its lease is over.
remove-title = Remove { $name }?
remove-verb = Remove { $name }
remove-verb-cut = { $count ->
    [one] Remove { $name } and cut { $count } live stream
   *[other] Remove { $name } and cut { $count } live streams
}
remove-done = { $count ->
    [0] { $name } is removed; nothing was open there. It was so there after { $took }.
    [one] { $name } is removed; { $count } live stream there ended. It was so there after { $took }.
   *[other] { $name } is removed; { $count } live streams there ended. It was so there after { $took }.
}

## Letting a gateway join

join-title = Let a gateway join
join-back = Back to the points
join-what = Makes a token with which one machine becomes a gateway of this deployment, once.
join-name = Name
join-name-hint = What the point is called here. Left empty, it is gateway-1, gateway-2 and so on.
join-apps = Apps that it serves
join-apps-hint = None ticked: every app that has a server behind it, as they come and go. A point is told of no other app than its own, and what it serves does not change later.
join-no-apps = There is no app with a server behind it yet. The point will serve every app, as they come and go.
join-good-for = The token is good for
join-make = Make a token
join-made-title = A token for { $name }
join-made-for-all = With this token one machine becomes the gateway { $name }, for every app that has a server behind it.
join-made-for = With this token one machine becomes the gateway { $name }, for { $apps }.
join-works-once = It works once, until { $until } ({ $left } from now), and is not shown again.
join-bring = 1. Bring it to the other machine
join-bring-how = Run this there, paste the token, and end with Enter and Ctrl-D. It is then in a file that nobody else can read.
join-start = 2. Start the gateway there
join-later = From then on it is started without { $option }, and the file can go.
join-send = 3. Send people there
join-send-how = Point the names of its apps at that machine. It stands among the { $points } as soon as it has joined.
join-among-points = points

## Refusals and failures

failure-console = Console
failure-remedies = What mends it
failure-to-overview = Go to the overview
failure-back = Go back to where you were, or { $overview }.
failure-open-overview = open the overview
failure-mend = Go back and mend what is named here; what you typed is still there. Nothing was changed.
failure-reason = Reason
failure-denied = { $title }. An administrator finds out more with { $command }.
failure-no-page = There is no such page
failure-no-page-why = Nothing is at this address.
failure-cross-site = This did not come from a page of the console
failure-no-proof = A change by cookie needs the token of the session, in the form's field `csrf` or in the header `Bartizan-Csrf`. Nothing was changed. Open the page again and send it from there.
failure-wrong-proof = The token is of another sign-in than the one that sent it: somebody else's, or one that has ended. Nothing was changed. Open the page again and send it from there.
failure-form-too-long = The form is longer than 512 KiB, so it was not read. Nothing was changed.
failure-not-found = There is no such thing
failure-missing = { $what ->
    [request-or-decision] There is no request or decision `{ $name }`.
    [revision-of-it] There is no revision of it `{ $name }`.
    [user] There is no user `{ $name }`.
    [session] There is no session `{ $name }`.
    [app] There is no app `{ $name }`.
    [group] There is no group `{ $name }`.
    [policy] There is no policy `{ $name }`.
    [point] There is no point `{ $name }`.
   *[other] There is no { $what } `{ $name }`.
}
failure-invalid = That is not in order
failure-lockout = That would lock everybody out
failure-too-large = That is too large
failure-too-large-why = What was sent is larger than 1 MiB: apply it in parts.
failure-conflict = Somebody else changed it
failure-conflict-why = `{ $name }` was changed by somebody else meanwhile. Look at it as it is now, and change it again.
failure-name-taken = That name is taken
failure-name-taken-why = Another person already has the login name `{ $name }`.
failure-no-session = There is no such session
failure-no-session-why = There is no such session.
failure-store = The store does not answer
failure-behind-why = The change log cannot be followed at the moment, so nothing can be changed safely: try again.
failure-unrecorded = Nothing can be recorded
failure-unrecorded-why = What was asked cannot be recorded, so it was not done.
failure-busy = There is too much to do
failure-busy-why = Too many sign-ins at once: try again in a moment.
failure-internal = Something is broken here

## What had to be assumed to explain a decision

note-recorded-because = it was recorded as { $outcome } ({ $reason }); what it was decided on is no longer all there
note-recorded = it was recorded as { $outcome }; what it was decided on is no longer all there
note-sealed = path and address were sealed to a person who has been erased
note-not-kept = what was known of the { $kind ->
    [user] user
    [session] session
    [device] device
    [app] app
    [risk] risk
   *[other] { $kind }
} then is no longer kept

## The portal: what a person may open, and what they did

portal-apps = Your apps
portal-sign-out = Sign out
portal-no-apps = There is no app that you may open. Ask your administrator for access.
portal-none-like = None of your apps is called that.
portal-more = There are more. Search for the one that you want.
portal-find = Find an app
portal-asks-again = Asks for a newer or stronger sign-in
portal-administration = Administration
activity = Your recent activity
activity-not-you = This was done in your name. If something here was not you, { $end } and tell your administrator.
activity-end-it = end that sign-in
activity-none = Nothing was done in your name so far.
activity-times = { $count ->
    [one] { $count } time
   *[other] { $count } times
}
activity-earlier = Earlier
activity-newest = Newest
deed-used = You used { $app }
deed-token = You made a token for { $app }
deed-asked-again = { $app } asked for a newer or stronger sign-in
deed-denied = { $app } did not open
deed-cut = { $app } was closed while you used it
deed-signed-in = You signed in
deed-signed-out = You signed out
deed-revoked = A sign-in of yours was ended by an administrator
deed-over = A sign-in of yours ended by itself
deed-wrong-password = A wrong password was typed
deed-wrong-code = A wrong or used code was typed
deed-too-many = Too many wrong attempts: whoever made them had to wait
deed-set-up = You set up your account
deed-recovery-code = A recovery code was used
deed-link = A sign-in link was used
deed-wrong-passkey = A passkey was not accepted
deed-passkey-added = A passkey was added to your account
deed-passkey-removed = A passkey was removed from your account
deed-ended-by-change = A sign-in of yours was ended because what you sign in with was changed
deed-ended-at-provider = A sign-in of yours was ended by the provider at which you signed in
deed-password-set = The password of your account was set
deed-password-removed = The password was removed from your account
deed-app-added = An authenticator app was set up for your account
deed-app-removed = The authenticator app was removed from your account
deed-provider-linked = Your account was connected with a sign-in at a provider
deed-provider-unlinked = Your account was disconnected from a sign-in at a provider
deed-codes-new = New recovery codes were made for your account

# Clients
client = Client
client-answered-at = Is answered at
client-proves = Proves itself
client-state = State
client-by-secret = by a secret
client-by-key = by a key of its own
client-by-others = by a token that somebody else gives it
client-trusts = Whose tokens are taken
client-by-nothing = not at all: it runs on people's devices
client-no-secret = no secret yet
client-disabled = disabled
client-enabled = in use
client-built-in = built in
client-gone = This client is deleted. Roll it back below, if it is wanted again.
client-policies = Policies about it
client-policies-none = No policy is about it, so nobody may sign in to it.
client-issuer = Issuer
client-id = Client ID
client-new-secret = Make a new secret
client-told-at = Told at sign-out
client-scopes = May ask for
client-signed = ID tokens are signed with
client-exchanges = Exchanges tokens of
client-audiences = For servers at
client-consent = Consent
client-consent-asked = People are asked before it learns about them
client-secret-effect = A secret that it has already works no more from then on: the program has to be given the new one.
client-secret-once = The secret is shown once. Bartizan keeps only a digest of it.
client-secret-title = Secret of { $name }
client-secret = Client secret
client-back = Back to the client
service-policies-none = No policy is about it, so it may do nothing.
service-keys = Keys
service-keys-what = With a key of its own the program acts for itself, without a person. Policies know it as { $subject }.
service-keys-none = It has no key.
service-key = Key
service-key-new = Make a key
service-key-title = Key of { $name }
service-key-effect = Whoever has the key is this program, at the apps that you name. What it may do there is for policies to say.
service-key-apps = Good at
service-key-apps-hint = Names of apps with spaces between, such as: wiki console
service-key-label = For
service-key-unlabelled = not said
service-key-lives = Lives for
service-key-days = { $count ->
    [one] 1 day
   *[other] { $count } days
}
service-key-author = Made by
service-key-used = Last used
service-key-never = never
service-key-ends = Ends
service-key-do = Action
service-key-end = End
service-key-end-title = End a key of { $name }
service-key-end-effect = { $live ->
    [0] The key works no more from then on.
    [one] The key works no more from then on, and 1 request that is open under it is cut.
   *[other] The key works no more from then on, and { $live } requests that are open under it are cut.
}
service-key-ended = { $cut ->
    [0] The key is ended.
    [one] The key is ended; 1 open request was cut.
   *[other] The key is ended; { $cut } open requests were cut.
}
service-key-once = The key is shown once. Bartizan keeps only a digest of it.
service-key-present = The program presents it as { $field }.
clients-what = Programs with a sign-in of their own can take the one of Bartizan (OpenID Connect). They are declared in files: { $command }
clients-none = No program signs people in with Bartizan yet. Declare one in a file, and:
