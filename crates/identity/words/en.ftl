# The pages of the sign-in, for people.

## What several pages say

not-yet = Not yet: { $title }
having-trouble = Having trouble?
continue = Continue
login-name = Login name
password = Password
six-digit-code = 6-digit code
signing-in-as = You are signing in as { $who }.
use-another-account = Use another account
every-code-refused = Every code is refused
every-code-refused-do = Codes depend on the time. Set the clock of your phone to automatic.
request = Request
or = or
passkey-use = Use a passkey
passkey-unused = No passkey was used. Try again, or take another way.
passkey-known = This device has a passkey for this account already.
passkey-what = A passkey signs you in with your fingerprint, face or PIN. Nobody can guess it, and it works on the right page only.
passkeys-need = Passkeys need a browser that knows them, and JavaScript.

## Login name and password

sign-in = Sign in
sign-in-to-open = Sign in to open { $app }
forgot-password = You forgot your password
forgot-password-do = Ask your administrator for a sign-in link.
new-here = You are new, or your invitation has run out
ask-for-invitation = Ask your administrator for a new invitation.
lost-authenticator = You lost your authenticator
lost-authenticator-do = Sign in with your password. The next page takes a recovery code instead.
passkey-sign-in = Sign in with a passkey
provider-sign-in = Continue with { $provider }
use-password = Use your password
lost-passkey = You lost the device with your passkey
lost-passkey-do = Sign in another way, or ask your administrator for a link.

## The second factor

enter-code = Enter the code from your authenticator
use-recovery-code = Use a recovery code
nothing-left = You have neither authenticator nor recovery codes
enter-recovery-code = Enter a recovery code
recovery-code = Recovery code
recovery-code-hint = One of the codes that you kept when you set up your account. Each works once.
use-authenticator = Use your authenticator
no-codes-left = You have no codes left
second-proof = Prove that it is you

## A newer proof

confirm-heading = Confirm that it is you
confirm = Confirm
from-your-app = From your authenticator app.
app-wants-newer = { $app } wants a newer proof than the one that you signed in with.
change-wants-newer = This change wants a proof from the last 10 minutes.
signed-in-as-switch = You are signed in as { $who }. { $switch }

## What was wrong

wrong-password = Login name and password do not belong together.
wrong-code = This code is wrong.
used-code = This code was used already. Wait for the next one.
wrong-first-code = This is not the code that the app should show. Type the newest code.
password-too-short = { $count ->
    [one] Use at least { $count } character.
   *[other] Use at least { $count } characters.
}
password-too-long = { $count ->
    [one] Use at most { $count } character.
   *[other] Use at most { $count } characters.
}
password-about-you = Leave out your name, your mail address and the name of your organisation: they are guessed first.
password-guessable = This password is easy to guess. Use several words that do not belong together, or a password manager.
too-many-codes = Too many wrong codes. Try again in { $wait }.
took-too-long = This took too long. Sign in again.
not-vouched-for = The provider did not sign you in, or not in a way that counts here. Try again, or ask your administrator.
no-account-here = There is no account here for whoever signed in there. Ask your administrator to link yours.
no-second-factor = The provider asked you for one proof only, and your account here has no second one. Ask your administrator.
provider-confirm = Confirm at { $provider }
provider-not-now = The provider did not confirm it, or not just now. Try again.
last-provider = Without this provider you could not sign in. Add a passkey first.
providers = Where else you sign in
provider-is-linked = You sign in there.
provider-is-not = You do not sign in there.
provider-link = Connect
provider-part = Disconnect
provider-linked = You can sign in there from now on.
provider-unlinked = You do not sign in there any more. What else began there has ended.
dead-link = This link was used or is too old. Ask for a new one.
something-changed = Something changed since you began. Sign in again.
wrong-passkey = This passkey was not accepted. Try again, or sign in another way.
wrong-new-passkey = The new passkey was not accepted. Try again.
too-many-passkeys = { $count ->
    [one] You have { $count } passkey, the most that there can be. Remove it first.
   *[other] You have { $count } passkeys, the most that there can be. Remove one first.
}
last-way = Without this passkey you could not sign in. Add another one first.
last-factor = Without it you could not sign in. Add a passkey first.
password-needs-second = It goes with an authenticator app or a passkey: set up one of them first.
password-left-alone = The password would be left without a second factor. Remove the password first, or add a passkey.
passkey-answered = This was sent before. Sign in again.

## An invitation

step = Step { $number } of { $of }
choose-password = Choose a password
new-password = New password
new-password-hint = { $count ->
    [one] At least { $count } character. A phrase of 15 or more is stronger and easier to remember. You can paste it.
   *[other] At least { $count } characters. A phrase of 15 or more is stronger and easier to remember. You can paste it.
}
welcome = Welcome, { $who }. Three short steps set up your account.
add-authenticator = Add an authenticator
add-authenticator-how = Scan this with an authenticator app on your phone. Then type the code that it shows.
code-every-30 = The app shows a new one every 30 seconds.
qr-code = QR code that holds the key below
open-in-authenticator = Open in an authenticator on this device
or-type-key = Or type this key into it:
keep-codes = Keep your recovery codes
keep-codes-why = If you lose your authenticator, one of these signs you in instead. Each works once.
shown-only-now = They are shown only now. Print them, or put them into a password manager.
earlier-codes-dead = Your earlier codes no longer work.
codes-of = Recovery codes of { $login }
i-kept-them = I have kept them
set-up-account = Set up your account
welcome-passkey = Welcome, { $who }. A passkey on this device is all it takes.
passkey-make = Create a passkey
with-password = With a password and an authenticator app
keep-codes-passkey = If you lose your passkey, one of these signs you in together with a link from your administrator. Each works once.

## Links

your-link = Your sign-in link
link-for = This link is for { $who } and works once.
continue-as = Continue as { $who }
link-not-you = Not you? Close this page and tell whoever sent you the link.
link-unusable = This link cannot be used
invitation-unusable = This invitation cannot be used
link-used-or-over = It has been used already, or its time has run out.
invitation-used-or-over = It has been used already, or its time has run out.
link-unusable-do = Sign in with your password, or ask your administrator for a new link.
invitation-unusable-do = If you have set up your account, sign in. If not, ask your administrator for a new invitation.

## The account

your-account = Sign-in and security
sign-out = Sign out
where-signed-in = Where you are signed in
sign-out-everywhere = Sign out everywhere
this-session = This one
signed-in-when = Signed in { $age }
end-session = End
session-ended = That sign-in has ended. Whatever it had open was closed.
session-had-ended = That sign-in had ended already.
sign-in-with = What you sign in with
authenticator = Authenticator app
factor-since = Set up { $age }
recovery-codes = Recovery codes
codes-left = { $count ->
    [0] You have no recovery codes left. Without your authenticator you could not sign in.
    [one] You have { $count } recovery code left.
   *[other] You have { $count } recovery codes left.
}
make-new-codes = Make new codes
new-codes-end-old = Making new codes ends the ones that you have.
passkeys = Passkeys
passkey-add = Add a passkey
passkey-name = Name of the passkey
passkey-name-hint = So that you tell it from others later.
passkey-used = Made { $made }, last used { $used }
passkey-unused-yet = Made { $made }, not used yet
passkey-synced = Synced
passkey-one-device = On one device
passkey-second-only = Second factor only
passkey-change = Change
passkey-rename = Rename
passkey-remove = Remove this passkey
passkey-added = The passkey is added.
passkey-renamed = The passkey is renamed.
passkey-removed = The passkey is removed and signs nobody in any more. Your other sign-ins have ended. You can delete it on the device, too.
passkey-needed = It can be removed once you have another passkey, or a password with an authenticator app.
sign-in-with-else = What else you sign in with
factor-none = Not set up
set-password = Set a password
change-password = Change the password
remove-password = Remove the password
set-password-how = It signs you in together with your authenticator app or a passkey.
change-password-ends = When it is changed, your other sign-ins end. This one stays.
password-needed = It can be removed once a passkey alone signs you in.
password-set = The password is set.
password-changed = The password is changed. Your other sign-ins have ended.
password-removed = The password is removed. Your other sign-ins have ended.
set-up-app = Set up an authenticator app
replace-app = Replace the authenticator app
remove-app = Remove the authenticator app
replace-app-ends = Codes of the app that you have now stop working, and your other sign-ins end. This one stays.
app-needed = It can be removed once you have a passkey.
app-added = The authenticator app is set up.
app-replaced = The authenticator app is replaced. Codes of the earlier one no longer work, and your other sign-ins have ended.
app-removed = The authenticator app is removed. Its codes no longer work, and your other sign-ins have ended.
commands = Commands and scripts
app = App
app-hint = The console, for the bartizan command; or an app that you can open.
make-token = Make a token
what-a-token-is = A token stands for this sign-in where there is no browser. It ends with it.
token-for = A token for { $app }
token-stands-for = It stands for your sign-in at { $app }, and ends with it. It is shown this once.
token-keep = Keep it in a file that only you can read, and name the file to the command:
token-file = FILE
token-header = Other programs send it in the header { $header }. Whoever has it can act as you: sign out, and it stops working.
back-to-account = Back to your account

## What another application learns

consent-heading = Let { $client } know who you are?
consent-lead = You are signed in as { $who }. The application belongs to somebody else. It learns:
consent-openid = that it is you, each time that you come back
consent-profile = your name and your login name
consent-email = your mail address
consent-groups = in which of the groups you are that it asks for
consent-agree = Agree
consent-refuse = Do not agree
consent-small = You are not asked again for the same. What you do there is not ours to see.
consent-act-heading = Let { $client } act for you?
consent-act-lead = You are signed in as { $who }. A program on this computer asks. Agree only if you have just started it yourself, in a terminal. It may do:
consent-act = Everything in the console that you may do

## A device that has no browser

device-heading = Connect a device
device-lead = Type the code that the device shows. You are signed in as { $who }.
device-code = Code
device-code-hint = Eight letters, such as WDJB-MJHT.
device-code-wrong = No device waits for this code. Look at it again. A code is good for 10 minutes, and once: the device can show a new one.
device-ask = Let { $client } on another device act for you?
device-ask-lead = You are signed in as { $who }. It learns:
device-act-lead = You are signed in as { $who }. It may do:
device-beware = Did somebody send you this code, or read it out to you? Then they want to act as you: do not allow it. Allow it only if you see the same code on a device of yours.
device-application = Application
device-from = Asked from
device-when = Asked
device-allow = Allow
device-deny = Do not allow
device-allow-small = It ends with this sign-in. Sign out here, and it is signed out there.
device-allowed = The device is connected
device-allowed-why = { $client } goes on there in a moment. You can close this page.
device-denied = The device is not connected
device-denied-why = It gets nothing. If you did not start it yourself, tell your administrator that somebody tried.
device-over = This code is good no more
device-over-why = Its time was over, or it was decided about before. Start again on the device.
device-another = Type another code

## Signing out

you-are-signed-in-as = You are signed in as
sign-out-closes = Signing out closes every app that you opened from this browser.
sign-out-and-switch = Sign out and use another account
stay-signed-in = Stay signed in
signed-out = You are signed out
signed-out-closed = Every app that you opened from this browser is closed to it now.
sign-in-again = Sign in again

## What cannot be done

start-again = Start again
go-to-account = Go to your account
stale = This page is out of date
stale-why = It was open for more than 10 minutes, or the sign-in went on in another tab. Nothing was changed.
provider-unreachable = The provider cannot be reached
provider-unreachable-why = Signing in at { $provider } is not possible at the moment. Sign in another way, or try again in a minute.
no-token = No token was made
no-token-why = There is no app { $app }, or you may not have a token for it.
form-unreadable = This form cannot be read
form-unreadable-why = It is not what the page sends, or too large.
link-not-now = This link cannot be used now
not-how-opened = This is not how an app is opened
not-how-opened-why = Apps are opened by going to them, not from inside another page.
no-such-app = This app cannot be opened
no-such-app-why = The link names no app that there is. Open the app itself.
no-such-client = This application is not known here
no-such-client-why = It sent you here under a name or from an address that nobody has registered. Go back to the application, and tell its administrator.
request-over = This took too long
request-over-why = What the application asked for is not good any more. Go back to it and begin again.
no-page = There is no such page
no-page-why = Nothing is at this address.
busy = Too many people are signing in
busy-why = Go back and send it again in a few seconds. Nothing was used up.
paused = Signing in is paused
paused-unrecorded = What happens cannot be recorded at the moment, so nothing may happen. What is open stays open.
paused-unwritten = Sign-ins cannot be written down at the moment. What is open stays open.
broken = Something is broken here
broken-why = It is not your doing. An administrator finds it by the request id.
