# Die Seiten der Anmeldung, für alle.

## Was mehrere Seiten sagen

not-yet = Noch nicht: { $title }
having-trouble = Haben Sie Probleme?
continue = Weiter
login-name = Anmeldename
password = Passwort
six-digit-code = 6-stelliger Code
signing-in-as = Sie melden sich als { $who } an.
use-another-account = Anderes Konto verwenden
every-code-refused = Jeder Code wird abgelehnt
every-code-refused-do = Die Codes hängen von der Uhrzeit ab. Stellen Sie die Uhr Ihres Telefons auf automatisch.
request = Anfrage
or = oder
passkey-use = Passkey verwenden
passkey-unused = Es wurde kein Passkey verwendet. Versuchen Sie es erneut oder nehmen Sie einen anderen Weg.
passkey-known = Dieses Gerät hat schon einen Passkey für dieses Konto.
passkey-what = Mit einem Passkey melden Sie sich per Fingerabdruck, Gesicht oder PIN an. Niemand kann ihn erraten, und er gilt nur auf der richtigen Seite.
passkeys-need = Passkeys brauchen einen Browser, der sie kennt, und JavaScript.

## Anmeldename und Passwort

sign-in = Anmelden
sign-in-to-open = Melden Sie sich an, um { $app } zu öffnen
forgot-password = Sie haben Ihr Passwort vergessen
forgot-password-do = Bitten Sie Ihren Administrator um einen Anmeldelink.
new-here = Sie sind neu hier, oder Ihre Einladung ist abgelaufen
ask-for-invitation = Bitten Sie Ihren Administrator um eine neue Einladung.
lost-authenticator = Sie haben Ihren Authenticator verloren
lost-authenticator-do = Melden Sie sich mit Ihrem Passwort an. Die nächste Seite nimmt stattdessen einen Wiederherstellungscode an.
passkey-sign-in = Mit einem Passkey anmelden
provider-sign-in = Weiter mit { $provider }
use-password = Passwort verwenden
lost-passkey = Sie haben das Gerät mit Ihrem Passkey verloren
lost-passkey-do = Melden Sie sich auf anderem Weg an, oder bitten Sie Ihren Administrator um einen Link.

## Der zweite Faktor

enter-code = Geben Sie den Code Ihres Authenticators ein
use-recovery-code = Wiederherstellungscode verwenden
nothing-left = Sie haben weder den Authenticator noch Wiederherstellungscodes
enter-recovery-code = Geben Sie einen Wiederherstellungs{ "\u00AD" }code ein
recovery-code = Wiederherstellungscode
recovery-code-hint = Einer der Codes, die Sie beim Einrichten Ihres Kontos aufbewahrt haben. Jeder gilt einmal.
use-authenticator = Authenticator verwenden
no-codes-left = Sie haben keine Codes mehr
second-proof = Weisen Sie nach, dass Sie es sind

## Ein neuerer Nachweis

confirm-heading = Bestätigen Sie, dass Sie es sind
confirm = Bestätigen
from-your-app = Aus Ihrer Authenticator-App.
app-wants-newer = { $app } verlangt einen neueren Nachweis als den, mit dem Sie sich angemeldet haben.
change-wants-newer = Diese Änderung verlangt einen Nachweis aus den letzten 10 Minuten.
signed-in-as-switch = Sie sind als { $who } angemeldet. { $switch }

## Was nicht stimmte

wrong-password = Anmeldename und Passwort gehören nicht zusammen.
wrong-code = Dieser Code ist falsch.
used-code = Dieser Code wurde schon verwendet. Warten Sie auf den nächsten.
wrong-first-code = Das ist nicht der Code, den die App zeigen sollte. Geben Sie den neuesten Code ein.
password-too-short = { $count ->
    [one] Verwenden Sie mindestens { $count } Zeichen.
   *[other] Verwenden Sie mindestens { $count } Zeichen.
}
password-too-long = { $count ->
    [one] Verwenden Sie höchstens { $count } Zeichen.
   *[other] Verwenden Sie höchstens { $count } Zeichen.
}
password-about-you = Lassen Sie Ihren Namen, Ihre Mailadresse und den Namen Ihrer Organisation weg: Sie werden zuerst geraten.
password-guessable = Dieses Passwort ist leicht zu erraten. Verwenden Sie mehrere Wörter, die nicht zusammengehören, oder einen Passwortmanager.
too-many-codes = Zu viele falsche Codes. Warten Sie { $wait }, bevor Sie es erneut versuchen.
took-too-long = Das hat zu lange gedauert. Melden Sie sich erneut an.
not-vouched-for = Der Anbieter hat Sie nicht angemeldet, oder nicht so, dass es hier gilt. Versuchen Sie es erneut, oder fragen Sie Ihre Administration.
no-account-here = Für die Person, die sich dort angemeldet hat, gibt es hier kein Konto. Bitten Sie Ihre Administration, Ihres zu verknüpfen.
no-second-factor = Der Anbieter hat Sie nur um einen Nachweis gebeten, und Ihr Konto hier hat keinen zweiten. Fragen Sie Ihre Administration.
provider-confirm = Bei { $provider } bestätigen
provider-not-now = Der Anbieter hat es nicht bestätigt, oder nicht gerade eben. Versuchen Sie es erneut.
last-provider = Ohne diesen Anbieter könnten Sie sich nicht anmelden. Fügen Sie zuerst einen Passkey hinzu.
providers = Wo Sie sich außerdem anmelden
provider-is-linked = Sie melden sich dort an.
provider-is-not = Sie melden sich dort nicht an.
provider-link = Verbinden
provider-part = Trennen
provider-linked = Sie können sich ab jetzt dort anmelden.
provider-unlinked = Sie melden sich dort nicht mehr an. Was dort sonst begonnen hat, ist beendet.
dead-link = Dieser Link wurde schon verwendet oder ist zu alt. Bitten Sie um einen neuen.
something-changed = Seit Sie begonnen haben, hat sich etwas geändert. Melden Sie sich erneut an.
wrong-passkey = Dieser Passkey wurde nicht angenommen. Versuchen Sie es erneut oder melden Sie sich auf anderem Weg an.
wrong-new-passkey = Der neue Passkey wurde nicht angenommen. Versuchen Sie es erneut.
too-many-passkeys = { $count ->
    [one] Sie haben { $count } Passkey, mehr kann es nicht geben. Entfernen Sie ihn zuerst.
   *[other] Sie haben { $count } Passkeys, mehr kann es nicht geben. Entfernen Sie zuerst einen.
}
last-way = Ohne diesen Passkey könnten Sie sich nicht anmelden. Fügen Sie zuerst einen anderen hinzu.
last-factor = Ohne diese Möglichkeit könnten Sie sich nicht anmelden. Fügen Sie zuerst einen Passkey hinzu.
password-needs-second = Zu einem Passwort gehört eine Authenticator-App oder ein Passkey: Richten Sie zuerst eines davon ein.
password-left-alone = Das Passwort bliebe ohne zweiten Faktor. Entfernen Sie zuerst das Passwort, oder fügen Sie einen Passkey hinzu.
passkey-answered = Das wurde schon einmal gesendet. Melden Sie sich erneut an.

## Eine Einladung

step = Schritt { $number } von { $of }
choose-password = Wählen Sie ein Passwort
new-password = Neues Passwort
new-password-hint = { $count ->
    [one] Mindestens { $count } Zeichen. Ein Satz mit 15 oder mehr ist sicherer und leichter zu merken. Einfügen ist möglich.
   *[other] Mindestens { $count } Zeichen. Ein Satz mit 15 oder mehr ist sicherer und leichter zu merken. Einfügen ist möglich.
}
welcome = Willkommen, { $who }. Mit drei kurzen Schritten ist Ihr Konto eingerichtet.
add-authenticator = Authenticator hinzufügen
add-authenticator-how = Scannen Sie dies mit einer Authenticator-App auf Ihrem Telefon. Geben Sie dann den Code ein, den sie zeigt.
code-every-30 = Die App zeigt alle 30 Sekunden einen neuen.
qr-code = QR-Code mit dem Schlüssel, der darunter steht
open-in-authenticator = In einem Authenticator auf diesem Gerät öffnen
or-type-key = Oder geben Sie dort diesen Schlüssel ein:
keep-codes = Bewahren Sie Ihre Wiederherstellungs{ "\u00AD" }codes auf
keep-codes-why = Wenn Sie Ihren Authenticator verlieren, melden Sie sich stattdessen mit einem dieser Codes an. Jeder gilt einmal.
shown-only-now = Sie werden nur jetzt gezeigt. Drucken Sie sie aus oder legen Sie sie in einem Passwortmanager ab.
earlier-codes-dead = Ihre früheren Codes gelten nicht mehr.
codes-of = Wiederherstellungscodes von { $login }
i-kept-them = Ich habe sie aufbewahrt
set-up-account = Richten Sie Ihr Konto ein
welcome-passkey = Willkommen, { $who }. Ein Passkey auf diesem Gerät genügt.
passkey-make = Passkey erstellen
with-password = Mit Passwort und Authenticator-App
keep-codes-passkey = Wenn Sie Ihren Passkey verlieren, melden Sie sich mit einem dieser Codes und einem Link Ihres Administrators an. Jeder gilt einmal.

## Links

your-link = Ihr Anmeldelink
link-for = Dieser Link ist für { $who } und gilt einmal.
continue-as = Weiter als { $who }
link-not-you = Das sind nicht Sie? Schließen Sie diese Seite und sagen Sie es der Person, die Ihnen den Link geschickt hat.
link-unusable = Dieser Link kann nicht verwendet werden
invitation-unusable = Diese Einladung kann nicht verwendet werden
link-used-or-over = Er wurde schon verwendet, oder seine Zeit ist abgelaufen.
invitation-used-or-over = Sie wurde schon verwendet, oder ihre Zeit ist abgelaufen.
link-unusable-do = Melden Sie sich mit Ihrem Passwort an, oder bitten Sie Ihren Administrator um einen neuen Link.
invitation-unusable-do = Wenn Ihr Konto eingerichtet ist, melden Sie sich an. Wenn nicht, bitten Sie Ihren Administrator um eine neue Einladung.

## Das Konto

your-account = Anmeldung und Sicherheit
sign-out = Abmelden
where-signed-in = Wo Sie angemeldet sind
sign-out-everywhere = Überall abmelden
this-session = Diese Sitzung
signed-in-when = Angemeldet { $age }
end-session = Beenden
session-ended = Diese Anmeldung ist beendet. Was damit offen war, wurde geschlossen.
session-had-ended = Diese Anmeldung war bereits beendet.
sign-in-with = Womit Sie sich anmelden
authenticator = Authenticator-App
factor-since = Eingerichtet { $age }
recovery-codes = Wiederherstellungscodes
codes-left = { $count ->
    [0] Sie haben keine Wiederherstellungscodes mehr. Ohne Ihren Authenticator könnten Sie sich nicht anmelden.
    [one] Sie haben noch { $count } Wiederherstellungscode.
   *[other] Sie haben noch { $count } Wiederherstellungscodes.
}
make-new-codes = Neue Codes erstellen
new-codes-end-old = Mit den neuen Codes verlieren die bisherigen ihre Gültigkeit.
passkeys = Passkeys
passkey-add = Passkey hinzufügen
passkey-name = Name des Passkeys
passkey-name-hint = Damit Sie ihn später von anderen unterscheiden.
passkey-used = Erstellt { $made }, zuletzt verwendet { $used }
passkey-unused-yet = Erstellt { $made }, noch nicht verwendet
passkey-synced = Synchronisiert
passkey-one-device = Auf einem Gerät
passkey-second-only = Nur zweiter Faktor
passkey-change = Ändern
passkey-rename = Umbenennen
passkey-remove = Diesen Passkey entfernen
passkey-added = Der Passkey ist hinzugefügt.
passkey-renamed = Der Passkey ist umbenannt.
passkey-removed = Der Passkey ist entfernt. Mit ihm meldet sich niemand mehr an. Ihre anderen Anmeldungen sind beendet. Sie können ihn auch auf dem Gerät löschen.
passkey-needed = Er lässt sich entfernen, sobald Sie einen anderen Passkey haben, oder ein Passwort mit einer Authenticator-App.
sign-in-with-else = Womit Sie sich außerdem anmelden
factor-none = Nicht eingerichtet
set-password = Passwort festlegen
change-password = Passwort ändern
remove-password = Passwort entfernen
set-password-how = Mit dem Passwort melden Sie sich zusammen mit Ihrer Authenticator-App oder einem Passkey an.
change-password-ends = Mit der Änderung enden Ihre anderen Anmeldungen. Diese bleibt bestehen.
password-needed = Es lässt sich entfernen, sobald ein Passkey allein für die Anmeldung genügt.
password-set = Das Passwort ist festgelegt.
password-changed = Das Passwort ist geändert. Ihre anderen Anmeldungen sind beendet.
password-removed = Das Passwort ist entfernt. Ihre anderen Anmeldungen sind beendet.
set-up-app = Authenticator-App einrichten
replace-app = Authenticator-App ersetzen
remove-app = Authenticator-App entfernen
replace-app-ends = Codes der bisherigen App gelten dann nicht mehr, und Ihre anderen Anmeldungen enden. Diese bleibt bestehen.
app-needed = Sie lässt sich entfernen, sobald Sie einen Passkey haben.
app-added = Die Authenticator-App ist eingerichtet.
app-replaced = Die Authenticator-App ist ersetzt. Codes der bisherigen gelten nicht mehr, und Ihre anderen Anmeldungen sind beendet.
app-removed = Die Authenticator-App ist entfernt. Ihre Codes gelten nicht mehr, und Ihre anderen Anmeldungen sind beendet.
commands = Befehle und Skripte
app = App
app-hint = Die Konsole, für den Befehl bartizan, oder eine App, die Sie öffnen dürfen.
make-token = Token erstellen
what-a-token-is = Ein Token steht für diese Anmeldung, wo es keinen Browser gibt. Es endet mit ihr.
token-for = Ein Token für { $app }
token-stands-for = Es steht für Ihre Anmeldung bei { $app } und endet mit ihr. Es wird nur dieses eine Mal gezeigt.
token-keep = Bewahren Sie es in einer Datei auf, die nur Sie lesen können, und nennen Sie die Datei dem Befehl:
token-file = DATEI
token-header = Andere Programme senden es im Header { $header }. Wer es hat, kann in Ihrem Namen handeln: Melden Sie sich ab, und es gilt nicht mehr.
back-to-account = Zurück zu Ihrem Konto

## Was eine andere Anwendung erfährt

consent-heading = Soll { $client } erfahren, wer Sie sind?
consent-lead = Sie sind als { $who } angemeldet. Die Anwendung gehört jemand anderem. Sie erfährt:
consent-openid = dass Sie es sind, jedes Mal, wenn Sie wiederkommen
consent-profile = Ihren Namen und Ihren Anmeldenamen
consent-email = Ihre E-Mail-Adresse
consent-groups = zu welchen der Gruppen Sie gehören, nach denen sie fragt
consent-agree = Zustimmen
consent-refuse = Nicht zustimmen
consent-small = Nach demselben werden Sie nicht noch einmal gefragt. Was Sie dort tun, sehen wir nicht.
consent-act-heading = Darf { $client } für Sie handeln?
consent-act-lead = Sie sind als { $who } angemeldet. Ein Programm auf diesem Rechner fragt. Stimmen Sie nur zu, wenn Sie es gerade selbst gestartet haben, in einem Terminal. Es darf:
consent-act = alles in der Konsole, was Sie dürfen

## Ein Gerät ohne Browser

device-heading = Gerät verbinden
device-lead = Geben Sie den Code ein, den das Gerät anzeigt. Sie sind als { $who } angemeldet.
device-code = Code
device-code-hint = Acht Buchstaben, etwa WDJB-MJHT.
device-code-wrong = Auf diesen Code wartet kein Gerät. Sehen Sie noch einmal nach. Ein Code gilt 10 Minuten lang und ein Mal: Das Gerät kann einen neuen anzeigen.
device-ask = Darf { $client } auf einem anderen Gerät für Sie handeln?
device-ask-lead = Sie sind als { $who } angemeldet. Die Anwendung erfährt:
device-act-lead = Sie sind als { $who } angemeldet. Es darf:
device-beware = Hat Ihnen jemand diesen Code geschickt oder vorgelesen? Dann will er in Ihrem Namen handeln: Erlauben Sie es nicht. Erlauben Sie es nur, wenn Sie denselben Code auf einem Gerät sehen, das Ihnen gehört.
device-application = Anwendung
device-from = Angefragt von
device-when = Angefragt
device-allow = Erlauben
device-deny = Nicht erlauben
device-allow-small = Es endet mit dieser Anmeldung. Melden Sie sich hier ab, und es ist auch dort abgemeldet.
device-allowed = Das Gerät ist verbunden
device-allowed-why = { $client } macht dort gleich weiter. Sie können diese Seite schließen.
device-denied = Das Gerät ist nicht verbunden
device-denied-why = Es bekommt nichts. Wenn Sie es nicht selbst begonnen haben, sagen Sie Ihrem Administrator, dass es jemand versucht hat.
device-over = Dieser Code gilt nicht mehr
device-over-why = Seine Zeit ist abgelaufen, oder es wurde schon über ihn entschieden. Beginnen Sie am Gerät von vorn.
device-another = Anderen Code eingeben

## Abmelden

you-are-signed-in-as = Sie sind angemeldet als
sign-out-closes = Das Abmelden schließt jede App, die Sie mit diesem Browser geöffnet haben.
sign-out-and-switch = Abmelden und anderes Konto verwenden
stay-signed-in = Angemeldet bleiben
signed-out = Sie sind abgemeldet
signed-out-closed = Jede App, die Sie mit diesem Browser geöffnet hatten, ist dort jetzt geschlossen.
sign-in-again = Erneut anmelden

## Was nicht geht

start-again = Neu beginnen
go-to-account = Zu Ihrem Konto
stale = Diese Seite ist veraltet
stale-why = Sie war mehr als 10 Minuten offen, oder die Anmeldung ging in einem anderen Tab weiter. Es wurde nichts geändert.
provider-unreachable = Der Anbieter ist nicht erreichbar
provider-unreachable-why = Eine Anmeldung bei { $provider } ist zurzeit nicht möglich. Melden Sie sich anders an, oder versuchen Sie es in einer Minute erneut.
no-token = Es wurde kein Token erstellt
no-token-why = Es gibt keine App { $app }, oder Sie dürfen kein Token für sie haben.
form-unreadable = Dieses Formular ist nicht lesbar
form-unreadable-why = Es ist nicht das, was die Seite sendet, oder zu groß.
link-not-now = Dieser Link kann jetzt nicht verwendet werden
not-how-opened = So wird eine App nicht geöffnet
not-how-opened-why = Apps öffnet man, indem man sie aufruft, nicht aus einer anderen Seite heraus.
no-such-app = Diese App kann nicht geöffnet werden
no-such-app-why = Der Link nennt keine App, die es gibt. Öffnen Sie die App selbst.
no-such-client = Diese Anwendung ist hier nicht bekannt
no-such-client-why = Sie hat Sie unter einem Namen oder von einer Adresse hergeschickt, die niemand eingetragen hat. Gehen Sie zur Anwendung zurück und sagen Sie es ihrem Administrator.
request-over = Das hat zu lange gedauert
request-over-why = Was die Anwendung wollte, gilt nicht mehr. Gehen Sie zu ihr zurück und beginnen Sie neu.
no-page = Diese Seite gibt es nicht
no-page-why = Unter dieser Adresse ist nichts.
busy = Zu viele Personen melden sich gerade an
busy-why = Gehen Sie zurück und senden Sie es in einigen Sekunden erneut. Es wurde nichts verbraucht.
paused = Die Anmeldung ist angehalten
paused-unrecorded = Was geschieht, kann gerade nicht aufgezeichnet werden, also darf nichts geschehen. Was offen ist, bleibt offen.
paused-unwritten = Anmeldungen können gerade nicht gespeichert werden. Was offen ist, bleibt offen.
broken = Hier ist ein Fehler aufgetreten
broken-why = Es liegt nicht an Ihnen. Ein Administrator findet die Ursache anhand der Anfragenummer.
