# What a person reads who is stopped, and, of the texts that have the same words for programs, what those read.

-begin-anew = Open the app again to begin another.

## Refusals: what happened, and why

sign-in-required = Sign in to open this
sign-in-required-why = Nobody is signed in here.
session-ended = Your sign-in has ended
session-ended-why = The sign-in that this request belongs to has ended.
session-gone-why = Sign in again to go on.
step-up-required = This needs a stronger sign-in
step-up-required-why = You are signed in, but this asks for a stronger or a newer sign-in.
denied-by-policy = You do not have access to this
denied-by-policy-why = No policy gives this account access, or one forbids it.
access-ended-why = Access has ended.
subject-disabled = This account is disabled
subject-disabled-why = An administrator has disabled this account.
risk-too-high = Access is paused for this account
risk-too-high-why = This account has behaved unusually, so access is paused.
device-not-trusted = This device cannot open this
device-not-trusted-why = This device is not enrolled, or not in order.
evidence-unavailable = Access is paused: nothing can be recorded
evidence-unavailable-why = What happens cannot be recorded, so nothing may happen.
lease-expired = Access is paused: this gateway is cut off from its control plane
lease-expired-why = The gateway has not heard from its control plane for too long, so it decides nothing.
overloaded = Too much is under way
overloaded-why = Try again in a moment.
cross-site = Another site asked for this
cross-site-why = A page of another site made your browser send this request, so it was not carried out.
throttled = Too many unknown credentials
throttled-why = Too many credentials that nobody knows came from this address.
not-found = There is nothing here
not-found-why = This path is reserved.

## A sign-in that does not come to its end

sign-in-unfinished = This sign-in cannot be finished here
sign-in-no-such-link = The link asks for something that there is not. { -begin-anew }
sign-in-no-code = The link has no code in it. { -begin-anew }
sign-in-elsewhere = It began in another browser, or more than 5 minutes ago, or this browser keeps no cookies. { -begin-anew }
sign-in-foreign-cookie = Its cookie is not ours. { -begin-anew }
sign-in-used-code = Its code was used before, is over, or was meant for another browser. { -begin-anew }
sign-in-unwritable = It cannot be begun. { -begin-anew }

## Failures: what happened, and why

upstream-unsafe = The app cannot be reached safely
upstream-roots-why = The certificates that the app's server is to be checked against cannot be read.
upstream-tls-why = The app's server did not prove that it is the right one, so nothing was sent to it.
upstream-unreachable = The app cannot be reached
upstream-no-app-why = There is no app behind this request.
upstream-no-server-why = This host has no server behind it.
upstream-unwritable-why = The request cannot be written.
upstream-no-connection-why = The gateway cannot connect to the app's server. You and the gateway are not the cause.
upstream-closed-why = The app's server closed the connection without an answer.
upstream-garbled-why = The app's server gave an answer that cannot be read.
upstream-unusable = The app's server gave no answer that can be used
upstream-unusable-why = The app's server changed the protocol without having been asked to.
upstream-timeout = The app did not answer in time
upstream-timeout-why = The app's server took the request and gave no answer.
assertion-unavailable = The app cannot be told who you are
assertion-unavailable-why = The gateway has no published key to sign with.
groups-too-large = The app cannot be told which groups you are in
groups-too-large-why = The app lists too many groups; its administrator has to shorten the list.
content-too-large = This is larger than the app takes
content-too-large-why = The body of the request is larger than the administrator permits for this app.
body-unfinished = The request did not come to its end
body-unfinished-why = The body of the request broke off, or did not come in time.
sessions-unavailable = Access is paused: sign-ins cannot be looked up
sessions-unavailable-why = The gateway cannot ask its control plane whose credential this is.
crowded = Too many are here at once
crowded-why = All connections that the gateway can hold are in use. Nothing is wrong with this request.

## Requests that are not read

ambiguous = This request cannot be read in one way only
bad-line-end = A line of the head does not end in CRLF.
bad-request-line = The request line is not a method, a target and a version.
bad-field = A line of the head is not a header field.
bad-version = Only HTTP/1.1 and HTTP/2 are spoken here.
bad-method = The method is not one that passes here.
bad-target = The request target is not a path on this host.
bad-host = The request does not name one host.
bad-wrong-host = This connection is for another host.
bad-path-escape = The path has a broken escape.
bad-path-separator = The path has a separator that servers read in different ways.
bad-path-control = The path has a control character or a blank in it.
bad-path-encoding = The path is not UTF-8 in percent-encoding.
bad-path-double-encoding = The path is encoded twice.
bad-path-dot-segment = The path has a dot segment.
bad-path-empty-segment = The path has an empty segment.
bad-path-parameter = The path has a parameter.
bad-path-fragment = The request target has a fragment.
bad-framing = The length of the body can be read in different ways.
bad-connection = The Connection field cannot be read.
bad-forwarded = The proxy in front does not say who asks.
bad-authorization = There is more than one Authorization field.
bad-credentials = The credentials contradict each other, or are of the wrong kind for their place.
bad-upgrade = The connection cannot change to that protocol.
bad-target-too-long = The request target is too long.
bad-headers-too-large = There are too many header fields, or they are too long.

## Ways out

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

## Around them

other-ways = Other ways
what-you-can-do = What you can do
ask-for-access = To ask for access, give the request id to your administrator. It shows them why.
if-surprising = If this surprises you, give the request id to your administrator. It shows them why.
your-apps = Your apps
see-why = See why, in the console
if-it-stays = If it stays like this, give the request id to your administrator.
fault-is-ours = Nothing is wrong with your account.
fault-is-in = Nothing is wrong with your account: the fault is in { $app }.
fault-is-in-the-app = Nothing is wrong with your account: the fault is in the app.
try-again = Try again
signed-in-as = Signed in as
account = Account
request = Request
reason = Reason
you = You
the-app = The app
connected = Connected
let-through = Let you through
failed-here = Failed here
not-reached = Not reached
