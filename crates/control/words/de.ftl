# Die Konsole, für Administratoren.

## Die Leiste

place-overview = Übersicht
place-decisions = Entscheidungen
place-sessions = Sitzungen
place-access = Zugriffskarte
place-people = Personen
place-groups = Gruppen
place-apps = Apps
place-clients = Clients
place-policies = Richtlinien
place-points = Durchsetzungspunkte

## Listen

list-search = Suche
list-show = Anzeigen
list-clear = Zurücksetzen
list-any = beliebig
list-nothing = Hier ist nichts, was zu Ihrer Frage passt.
list-all = Alle anzeigen
list-pages = Seiten
list-range = { $first }–{ $last } von { $total }
list-previous = Zurück
list-next = Weiter
list-export = Mitnehmen als
list-changed = Geändert
list-changed-by = { $when } von { $author }
list-reading = { $count ->
    [one] Die Liste wird gelesen: bisher { $count } Eintrag. Das geschieht einmal nach einem Start.
   *[other] Die Liste wird gelesen: bisher { $count } Einträge. Das geschieht einmal nach einem Start.
}
list-again = Noch einmal nachsehen
list-columns = Spalten
list-leave-out = { $name } weglassen
list-bring-back = { $name } zeigen
views = Behaltene Ansichten
views-keep = Diese Ansicht behalten
views-forget-some = Eine Ansicht vergessen
views-name = Name
views-forget = { $name } vergessen
list-no-one = keine
confirm-leave = So lassen, wie es ist

## Finding

find-title = Suche
find-help = Geben Sie einen Namen, einen Host, eine Richtlinie oder die Kennung einer Anfrage ein.
find-place = Seite
find-decision = Entscheidung
find-action = Aktion
find-access = Was { $name } öffnen darf
find-decisions = Entscheidungen über { $name }

## Verlauf

history = Verlauf
history-change = Revision { $revision } von { $author }, { $when }
history-deleted = gelöscht
history-first = zuerst bekannt
history-back = Auf Revision { $revision } zurücksetzen
history-diff = Was Revision { $revision } geändert hat
history-more = Ältere Änderungen bleiben ebenfalls erhalten; „bartizan history“ zeigt sie.
history-unchanged = Es wurde nichts geändert.
back-title = { $name } auf Revision { $revision } zurücksetzen?
back-becomes = { $name } wird wieder, was { $author } daraus gemacht hat ({ $when }). Das ist eine neue Änderung, die sich ebenfalls zurücksetzen lässt.
back-deleted = Damals war es gelöscht, also wird es wieder gelöscht.
back-changes = Was sich ändert
back-cuts = Über alles, was offen ist, wird neu entschieden; was nicht mehr erlaubt ist, wird getrennt.
back-done = { $cut ->
    [one] Auf Revision { $to } zurückgesetzt, als Revision { $revision }; { $cut } offene Verbindung getrennt.
   *[other] Auf Revision { $to } zurückgesetzt, als Revision { $revision }; { $cut } offene Verbindungen getrennt.
}

## Personen

people-person = Person
people-login = Anmeldename
people-login-hint = Kleinbuchstaben und Ziffern, etwa der Name in der E-Mail-Adresse.
people-full-name = Vollständiger Name
people-mail = E-Mail
people-role = Rolle
people-state = Zustand
people-active = Aktiv
people-disabled = Gesperrt
people-admin = Administrator
people-erased = gelöscht und unkenntlich
people-sign-ins = Anmeldungen
people-live = Verbindungen
people-none = Noch ist niemand hier. Laden Sie unten die erste Person ein, oder mit:
people-back = Zurück zu den Personen
person-gone = Dieses Konto ist gelöscht. Setzen Sie es unten zurück, wenn es wieder gebraucht wird.
person-groups = Gruppen
person-id = Kennung
person-sign-ins = Angemeldet
person-signed-out = Zurzeit nicht angemeldet.
person-decisions-none = Für diese Person wurde noch über keine App entschieden.
person-disable = Sperren
person-enable = Freigeben
person-access = Was sie öffnen darf
person-link = Anmeldelink
person-invite = Neu einladen
session-since = Seit
session-seen = Zuletzt gesehen
session-by = Angemeldet mit
session-end = Beenden
object-decisions = Letzte Entscheidungen
object-decisions-all = Alle Entscheidungen
disable-title = { $name } sperren?
disable-open-nothing = Von { $name } würde nichts getrennt: Es ist nichts offen.
disable-open = { $live ->
    [one] { $live } offene Verbindung von { $name } würde sofort getrennt: Anfragen, Datenströme und Downloads enden vorzeitig.
   *[other] { $live } offene Verbindungen von { $name } würden sofort getrennt: Anfragen, Datenströme und Downloads enden vorzeitig.
}
disable-sign-ins = { $count ->
    [one] { $count } Anmeldung wäre nicht mehr zu gebrauchen, und ihre Tokens ebenso wenig.
   *[other] { $count } Anmeldungen wären nicht mehr zu gebrauchen, und ihre Tokens ebenso wenig.
}
disable-back = Es wird nichts gelöscht: Mit der Freigabe ist alles wieder da außer dem, was getrennt wurde.
disable-verb = { $name } sperren
disable-verb-cut = { $live ->
    [one] { $name } sperren und { $live } offene Verbindung trennen
   *[other] { $name } sperren und { $live } offene Verbindungen trennen
}
disable-done = { $cut ->
    [one] { $name } ist gesperrt; { $cut } offene Verbindung in { $took } getrennt.
   *[other] { $name } ist gesperrt; { $cut } offene Verbindungen in { $took } getrennt.
}
disable-was = { $name } war schon gesperrt.
enable-title = { $name } freigeben?
enable-effect = { $name } darf wieder alles, was die Richtlinien erlauben, mit den Faktoren und Gruppen von vorher.
enable-verb = { $name } freigeben
enable-done = { $name } darf wieder handeln.
enable-was = { $name } war nicht gesperrt.
invite-new = Jemanden neu einladen
invite-no-login = Geben Sie ein, womit sich die Person anmelden wird.
invite-taken = { $login } gibt es schon. Laden Sie die Person auf ihrer Seite neu ein, wenn das gemeint ist.
invite-title = Eine Einladung für { $name }
invite-again-title = { $name } neu einladen?
invite-effect = Erstellt einen Link, der einmal gilt. Damit richtet { $name } ein neues Passwort und eine neue Authenticator-App ein: für den Fall, dass die alten verloren sind.
invite-ends = Sobald er benutzt wird, ersetzt das Neue alle bisherigen Faktoren und beendet die Anmeldungen (zurzeit { $count ->
    [one] { $count } Anmeldung
   *[other] { $count } Anmeldungen
}, { $live ->
    [one] { $live } offene Verbindung
   *[other] { $live } offene Verbindungen
}). Bis dahin ändert sich nichts.
invite-care = Wer den Link hat, kann das Konto übernehmen: Übergeben Sie ihn dort, wo Sie wissen, wer mithört.
invite-verb = Einladung erstellen
link-ask-title = Ein Anmeldelink für { $name }?
link-title = Ein Anmeldelink für { $name }
link-effect = Erstellt einen Link, der einmal gilt und das Passwort von { $name } vertritt. Nach dem zweiten Faktor wird trotzdem gefragt.
link-touches-nothing = Was gerade offen ist, bleibt unberührt.
link-verb = Anmeldelink erstellen
link-hand-over = Übergeben Sie diesen Link. Er gilt einmal, bis { $until } (noch { $left }), und wird nicht noch einmal angezeigt.
link-created = Das Konto gibt es jetzt; es ist in keiner Gruppe außer denen, in die Sie es aufnehmen.

## Gruppen

group = Gruppe
group-effective = Personen insgesamt
group-direct = Direkt genannt
group-inner = Gruppen darin
group-outer = Sie ist enthalten in
group-people = { $count ->
    [one] { $count } Person insgesamt
   *[other] { $count } Personen insgesamt
}
group-empty = Niemand ist darin, weder direkt noch über eine andere Gruppe.
group-more = { $count ->
    [one] Und { $count } weitere Person.
   *[other] Und { $count } weitere Personen.
}
group-gone = Diese Gruppe ist gelöscht. Setzen Sie sie unten zurück, wenn sie wieder gebraucht wird.
groups-by-files = Insgesamt zählen alle, die selbst oder über Gruppen darin zu einer Gruppe gehören. Gruppen werden über Dateien geändert: { $command }
groups-none = Es gibt noch keine Gruppe. Richtlinien schreibt man am besten über Gruppen. Beschreiben Sie eine in einer Datei, und dann:

## Apps

app = App
app-host = Host
app-server = Server
app-own = Bartizan selbst
app-plain = Unverschlüsseltes HTTP zugelassen
app-own-ca = Eigene CA
app-sees-host = Sieht als Host
app-host-public = den öffentlichen Namen
app-host-its-own = ihren eigenen Namen
app-audit = Protokoll
app-audit-normal = normal
app-audit-strict = streng
app-told-groups = Erfährt von Gruppen
app-lease = Frist ohne Kontakt
app-lease-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
app-relax = Nimmt an, obwohl Server es verschieden lesen
app-access = Wer sie öffnen darf
app-policies = Richtlinien dazu
app-policies-none = Keine Richtlinie handelt davon, also wird jeder abgewiesen.
app-decisions-none = Darüber wurde noch nichts entschieden.
app-gone = Diese App ist gelöscht. Setzen Sie sie unten zurück, wenn sie wieder gebraucht wird.
apps-by-files = Apps werden über Dateien geändert: { $command }
apps-none = Noch steht keine App hinter dem Gateway. Beschreiben Sie eine in einer Datei, und dann:

## Eine App schützen

protect-app = App schützen
protect-title = Eine App schützen
protect-title-of = { $app } schützen
protect-steps = Schritte
protect-step-where = Wo ist sie?
protect-step-who = Wer darf hinein?
protect-step-what = Was würde geschehen?
protect-back = Zurück
protect-what = Gefragt ist, wo ihr Server steht. Vor dem letzten Schritt wird nichts angelegt, und beim Zurückgehen geht nichts verloren.
protect-server = Adresse ihres Servers
protect-server-hint = Wo sie jetzt antwortet, etwa http://127.0.0.1:3000 oder https://wiki.internal.
protect-name = Name
protect-name-hint = Wie sie hier heißt, in Kleinbuchstaben. Bleibt er leer, kommt er aus der Adresse.
protect-host-hint = Was im Browser eingegeben wird. Bleibt er leer, ist es der Name unter { $domain }.
protect-special = Eine Besonderheit ihres Servers
protect-special-server = Zu ihrem Server
protect-special-hint = Das erste sagt, dass das Netz bis zu ihm für sich behält, was unverschlüsselt ist. Das zweite ist für Server, die nur ihren eigenen Namen kennen und nicht den Host oben.
protect-plaintext = Unverschlüsseltes http ist in Ordnung
protect-own-name = Unter seinem eigenen Namen fragen
protect-ca = Zertifikate seiner eigenen Zertifizierungsstelle
protect-ca-hint = Nur falls sein Zertifikat auf dieser Maschine nicht als vertrauenswürdig gilt: der Text von BEGIN CERTIFICATE bis END CERTIFICATE.
protect-look = Den Server ansehen
protect-seen = Was von ihm zu sehen ist
protect-seen-here = So ist er von dieser Maschine aus zu sehen. Einer Weiterleitung wurde nicht gefolgt und von keiner Seite etwas behalten.
protect-seen-elsewhere = Gateways auf anderen Maschinen sehen ihn vielleicht anders.
protect-next-who = Weiter: wer darf hinein?
protect-next-anyway = Trotzdem weiter: wer darf hinein?
protect-busy = Gerade werden zu viele Server angesehen. In einigen Sekunden geht es wieder.
protect-long = Das ist zu viel für eine Adresse. Ohne die Zertifikate geht es; sie lassen sich später über eine Datei ergänzen.
protect-no-server = Es fehlt, wo ihr Server steht.
protect-server-form = Erwartet wird http:// oder https://, ein Name oder eine Adresse und ein Port, falls es nicht der übliche ist; kein Pfad.
protect-name-form = Erlaubt sind 1 bis 56 Zeichen aus a–z, 0–9, „-“, „_“ und „.“, am Anfang ein Buchstabe oder eine Ziffer.
protect-name-reserved = „{ $name }“ ist einer der eigenen Hosts dieser Installation. Es braucht einen anderen Namen.
protect-name-taken = Eine App „{ $name }“ gibt es schon. Es braucht einen anderen Namen.
protect-policy-taken = Eine Richtlinie „{ $policy }“ gibt es schon, und so hieße die, die Zutritt gibt. Es braucht einen anderen Namen.
protect-no-host = Es fehlt, unter welchem Namen sie erreicht wird.
protect-host-form = Das ist kein Hostname. Erlaubt sind a–z, 0–9 und „-“ mit Punkten dazwischen, in Kleinbuchstaben, ohne https:// und ohne Port.
protect-host-own = „{ $host }“ gehört dieser Installation selbst. Es braucht einen anderen Host.
protect-host-taken = „{ $host }“ gehört schon der App „{ $app }“. Es braucht einen anderen Host.
protect-host-other = „{ $host }“ liegt nicht unter { $domain }: es braucht einen eigenen Eintrag im DNS und ein Zertifikat, das für ihn gilt.
protect-ca-form = Darin ist kein Zertifikat. Gebraucht wird der Text von BEGIN CERTIFICATE bis END CERTIFICATE.
protect-ca-long = Das sind mehr als 4.000 Zeichen. Ohne sie geht es; sie lassen sich später über eine Datei ergänzen.
protect-plaintext-refused = Was dort geschieht, ginge unverschlüsselt über das Netz. Es braucht https, oder das erste Häkchen, falls dieses Netz es für sich behält.

protect-seen-name = { $host } ist { $addresses }.
protect-seen-reached = An { $address } hört jemand zu.
protect-seen-public-ca = Sein Zertifikat ist für { $names }, ausgestellt von { $issuer }, gilt auf dieser Maschine als vertrauenswürdig und noch { $ends }.
protect-seen-own-ca = Sein Zertifikat ist für { $names }, ausgestellt von { $issuer }, passt zu dem eingefügten und gilt noch { $ends }.
protect-seen-answer = Er antwortet mit dem Status { $status }.
protect-seen-answer-of = Er antwortet mit dem Status { $status } und nennt sich { $server }.
protect-seen-refuses = Wen er nicht kennt, weist er ab, wie viele es tun.
protect-seen-empty = Auf seiner ersten Seite ist nichts. Manche Server sind so, manche sind der falsche.
protect-seen-wrong-host = Vielleicht will er unter seinem eigenen Namen gefragt werden: dieses Häkchen setzen und noch einmal ansehen.
protect-seen-trouble = Er ist da und hat ein Problem: mehr steht in seinem eigenen Protokoll.
protect-seen-sends = Er leitet weiter nach { $to }.
protect-seen-sends-away = Er schickt alle nach { $to }.
protect-seen-past = Das ist ein anderer Host, an dieser Installation vorbei. Vielleicht will er unter seinem eigenen Namen gefragt werden: dieses Häkchen setzen und noch einmal ansehen. Oder er erfährt seinen neuen Namen in seinen eigenen Einstellungen.
protect-seen-wants-tls = Er will TLS: seine Adresse beginnt dann mit https://.
protect-seen-password = Er hat eine eigene Anmeldung: angemeldet wird zuerst hier und dann dort.
protect-stop-name = Niemand findet { $host }.
protect-stop-name-help = Der Name gehört ins DNS oder in /etc/hosts dieser Maschine.
protect-stop-refused = An { $address } hört niemand zu.
protect-stop-refused-help = Der Server muss laufen, oder der Port ist ein anderer.
protect-stop-unreachable = { $address } ist nicht zu erreichen: { $why }.
protect-stop-unreachable-help = Zu prüfen sind die Adresse und das Netz dazwischen.
protect-stop-no-tls = Was an { $address } antwortet, spricht kein TLS.
protect-stop-no-tls-help = Die Adresse beginnt dann mit http://, oder der Port ist ein anderer.
protect-stop-authority = Was { $address } zeigt, lässt sich nicht prüfen: { $why }.
protect-stop-no-http = Was an { $address } antwortet, ist kein Webserver oder hat aufgelegt: { $why }.
protect-stop-no-http-help = Der Port ist ein anderer; will er TLS, beginnt die Adresse mit https://.
protect-stop-late = { $address } hat in 5 Sekunden nicht geantwortet.
protect-stop-late-help = Vielleicht verwirft eine Firewall, was dorthin geht, oder der Server hängt.
protect-stop-issuer = Sein Zertifikat ist für { $names } und ausgestellt von { $issuer }; dem vertraut diese Maschine nicht.
protect-stop-issuer-help = Das Zertifikat dieser Stelle gehört unter „Eine Besonderheit“, oder es braucht eines von einer anerkannten.
protect-stop-ended = Sein Zertifikat, für { $names } und ausgestellt von { $issuer }, ist abgelaufen oder noch nicht gültig.
protect-stop-ended-help = Es gehört erneuert; auch die Uhren beider Maschinen sind einen Blick wert.
protect-stop-names = Sein Zertifikat ist für { $names }, ausgestellt von { $issuer }, und nicht für den Namen in der Adresse.
protect-stop-names-help = In die Adresse gehört einer dieser Namen.
protect-stop-certificate = Das Zertifikat von { $address } wird nicht anerkannt: { $why }.
protect-stop-certificate-help = Es braucht ein anderes.

protect-who = Ohne eine Richtlinie, die Zutritt gibt, öffnet niemand { $app }. Hier entsteht eine.
protect-whom = Wer darf hinein
protect-whom-new = Eine neue Gruppe, unten benannt
protect-whom-everybody = Alle, die sich anmelden
protect-whom-group = { $count ->
    [one] Gruppe { $group } ({ $count } Person)
   *[other] Gruppe { $group } ({ $count } Personen)
}
protect-group = Name der neuen Gruppe
protect-members = Wer dazugehört
protect-members-are = Zum Beispiel { $logins }.
protect-members-hint = Anmeldenamen von Personen oder Namen von Gruppen, mit Leerzeichen dazwischen.
protect-asks = Ihre Anmeldung
protect-asks-strong = Mit zwei Faktoren
protect-asks-today = Mit zwei Faktoren, in den letzten 8 Stunden
protect-asks-any = Beliebig
protect-next-what = Weiter: was würde geschehen?
protect-no-whom = Es fehlt, wer hinein darf.
protect-group-form = Erlaubt sind 1 bis 63 Zeichen aus a–z, 0–9, „-“, „_“ und „.“, am Anfang ein Buchstabe oder eine Ziffer.
protect-group-taken = Eine Gruppe „{ $name }“ gibt es schon. Sie steht oben zur Wahl; sonst braucht es einen anderen Namen.
protect-no-members = Mindestens eine Person oder Gruppe gehört hierher.
protect-many-members = Das sind mehr als 50. Dafür ist eine Datei besser.
protect-no-member = Es gibt weder eine Person noch eine Gruppe „{ $name }“. Eingeladen wird unter „Personen“.
protect-both = „{ $name }“ ist sowohl eine Person als auch eine Gruppe: gemeint ist „user:{ $name }“ oder „group:{ $name }“.
protect-reason-everybody = Alle, die sich anmelden, dürfen { $app } öffnen
protect-reason-group = Die Gruppe { $group } darf { $app } öffnen
protect-reason-strong = , nach einer starken Anmeldung
protect-reason-today = , nach einer starken Anmeldung der letzten 8 Stunden

protect-make = { $app } schützen
protect-refused = So lässt sich das nicht anlegen.
protect-nobody = Noch käme niemand in { $app }: in dieser Gruppe ist niemand, oder alle darin dürfen nicht handeln.
protect-enter = { $count ->
    [one] { $count } von { $all } Personen käme in { $app }, gerade angemeldet. Alle anderen werden abgewiesen.
   *[other] { $count } von { $all } Personen kämen in { $app }, gerade angemeldet. Alle anderen werden abgewiesen.
}
protect-enter-many = Bei mehr als 5.000 Personen wird nicht gezählt, wer in { $app } käme. Danach sagt es die Zugriffskarte.
protect-reached = Wie sie erreicht wird
protect-opened-at = Geöffnet wird
protect-name-leads = Ihr Name
protect-certificate = Ihr Zertifikat
protect-leads-unseen = Nicht kürzlich nachgesehen. Ein Blick auf den Server, im ersten Schritt, sagt es.
protect-leads-local = { $host } führt jeden Browser zu seiner eigenen Maschine, ohne DNS.
protect-leads-here = { $host } führt zu dieser Maschine.
protect-leads-away = { $host } führt zu { $addresses }, und das ist keine Adresse dieser Maschine. Das stimmt, falls etwas davor weiterleitet oder ein anderes Gateway sie bedient.
protect-leads-nowhere = { $host } führt noch nirgendwohin. Ins DNS gehört ein Eintrag, der zu dieser Maschine führt.
protect-certified-supplied = aus den Dateien der Konfiguration
protect-certified-own = von der eigenen Zertifizierungsstelle, von selbst
protect-certified-public = von { $authority }, sobald der Name hierher führt
protect-made = Was angelegt wird
protect-created = Neu: { $names }.
protect-same = Dasselbe als Befehl
protect-same-how = Das kommt in einen Ordner, der angewendet wird. Mehr tut auch der Knopf oben nicht.
protect-done = { $app } ist geschützt, seit Revision { $revision }.
protect-everywhere = Alle Gateways kennen sie.
protect-not-everywhere = Noch kennen sie nicht alle Gateways. Bis dahin wird dort abgewiesen.
protect-open = Geöffnet wird sie unter { $url }
protect-try = Als jemand ausprobieren
protect-try-how = Was jetzt entschieden würde, wenn sie die erste Seite öffneten. Geöffnet wird nichts und geändert auch nichts.
protect-try-session = Entschieden wie unter der neuesten Anmeldung dieser Person.
protect-try-assumed = Die Person ist nicht angemeldet; angenommen wird eine starke Anmeldung von diesem Augenblick.
protect-try-verb = Ausprobieren
protect-try-title = { $app } als jemand ausprobieren
protect-try-missing = trifft nicht zu: { $condition }, vorgefunden { $value }
protect-try-no-way = Nichts, was sie tun können, ändert das.
protect-to-app = Zu { $app }

## Richtlinien

policy = Richtlinie
policy-effect = Wirkung
policy-permits = Erlaubt
policy-forbids = Verbietet
policy-about = Wozu sie da ist
policy-no-reason = Das sagt sie nicht.
policies-rule = Was keine erlaubt, wird abgewiesen; und was eine verbietet, bleibt verboten, was auch immer andere erlauben.
policies-none = Es gibt keine Richtlinie, also wird alles abgewiesen. Schreiben Sie eine in eine „.cedar“-Datei, und dann:

## Zugriffskarte

access-person = Person (Anmeldename)
access-app = App
access-no-person = Es gibt keine Person „{ $name }“.
access-no-app = Es gibt keine App „{ $name }“.
access-whole = Die ganze Karte
access-of-person = Was { $name } öffnen darf, und nach welchen Richtlinien.
access-of-app = Wer { $app } öffnen darf, und nach welchen Richtlinien.
access-of-all = Von wem jede Richtlinie handelt, und von welchen Apps. Wählen Sie eine Person oder eine App, um zu sehen, wer hineinkommt.
access-supposed = Jetzt entschieden, als hätte sich jede Person soeben stark angemeldet, von dort, wo Sie sind, auf keinem bekannten Gerät.
access-whom = Um wen es geht
access-more = Es gibt mehr: Die Tabelle hat alle.
access-answer = Antwort
access-because = Weil
access-about = Welche Apps
access-permitted = Erlaubt
access-denied = Nicht erlaubt
access-permits = erlaubt nach { $policies }
access-forbids = verboten nach { $policies }
access-no-policy = keine Richtlinie erlaubt es
access-everybody = alle Angemeldeten
access-services = Programme, die für sich selbst handeln
access-anybody = jeder
access-strangers = wer nicht angemeldet ist
access-all-apps = alle Apps
access-all-clients = alle Clients
access-administration = die Verwaltung
access-many = Grenzen Sie die Personen durch eine Suche ein; dann lassen sie sich auch nach der Antwort unterscheiden.
access-people = { $count ->
    [one] { $count } Person
   *[other] { $count } Personen
}

## Die Übersicht: was geschah, wie es steht, was Aufmerksamkeit braucht

overview-activity = Entscheidungen über Apps
overview-utc = Zeiten in UTC
overview-span = Gezeigter Zeitraum
overview-span-day = 24 Stunden
overview-span-week = 7 Tage
overview-span-month = 30 Tage
overview-nothing = In dieser Zeit wurde nichts über eine App entschieden. Jede Anfrage an eine App hinterlässt hier eine Entscheidung.
overview-nothing-try = Zeigen Sie mehr Tage, oder fragen Sie, wie entschieden würde: { $command }
overview-reasons = Warum Anfragen verweigert wurden
overview-no-reasons = In dieser Zeit wurde nichts verweigert.
overview-now = Jetzt
overview-live = Laufende Datenströme
overview-sign-ins = Anmeldungen
overview-people = { $count ->
    [one] von { $count } Person
   *[other] von { $count } Personen
}
overview-log = Beweisprotokoll
overview-log-size = { $count ->
    [one] { $count } Eintrag
   *[other] { $count } Einträge
}
overview-log-signed = signiert { $when }
overview-log-indexed = { $count ->
    [one] { $count } Eintrag ist noch nicht durchsuchbar
   *[other] { $count } Einträge sind noch nicht durchsuchbar
}
overview-log-verify = Beweisen, dass es unversehrt ist: { $command }
overview-log-whole = Unversehrt
overview-log-damaged = Beschädigt
overview-log-checked = geprüft { $when }
overview-certificates = Zertifikate
overview-authority = Eigene Zertifizierungsstelle
overview-days-left = { $days ->
    [0] endet heute
    [one] endet in { $days } Tag
   *[other] endet in { $days } Tagen
}
overview-latest = Neueste Entscheidungen
overview-all-decisions = Alle Entscheidungen
overview-latest-none = Noch wurde über keine App entschieden. Öffnen Sie eine, und die Entscheidung steht hier.
overview-latest-try = Welche Apps es gibt: { $command }
overview-cuts = Zuletzt getrennt
overview-all-cuts = Alle Trennungen
overview-cuts-none = Nichts wurde getrennt. Was getrennt wird, weil es nicht mehr erlaubt ist, steht hier mit dem Grund.
overview-cuts-try = Beenden, was jemand offen hat: { $command }
overview-left-out = Entscheidungen über die Konsole und die Anmeldeseiten fehlen hier.
overview-own-count = Mitzählen
overview-own-counted = Im Diagramm sind auch Entscheidungen über die Konsole und die Anmeldeseiten gezählt.
overview-own-leave = Weglassen

chart-caption-day = Entscheidungen über Apps in den letzten 24 Stunden, nach Ergebnis
chart-caption-week = Entscheidungen über Apps in den letzten 7 Tagen, nach Ergebnis
chart-caption-month = Entscheidungen über Apps in den letzten 30 Tagen, nach Ergebnis
chart-show-table = Als Tabelle zeigen
chart-time = Zeit (UTC)
chart-sum = Zusammen
chart-number = { $number }
chart-permit = Erlaubt
chart-step-up = Stärkere Anmeldung
chart-deny = Verweigert
chart-cut = Getrennt
chart-said = { $when } UTC: { $what }
chart-said-permit = { $count } erlaubt
chart-said-step-up = { $count } mit Bitte um stärkere Anmeldung
chart-said-deny = { $count } verweigert
chart-said-cut = { $count } getrennt
chart-hours = { $day }, { $from }–{ $to }
chart-weekday = { $weekday } { $day }.
chart-date = { $day }. { $month }
chart-monday = Mo
chart-tuesday = Di
chart-wednesday = Mi
chart-thursday = Do
chart-friday = Fr
chart-saturday = Sa
chart-sunday = So
chart-january = Jan.
chart-february = Feb.
chart-march = März
chart-april = Apr.
chart-may = Mai
chart-june = Juni
chart-july = Juli
chart-august = Aug.
chart-september = Sept.
chart-october = Okt.
chart-november = Nov.
chart-december = Dez.

attention-title = Braucht Aufmerksamkeit
attention-nothing = Nichts, was hier bekannt ist, braucht Aufmerksamkeit.
attention-spool-fails = Beweise lassen sich nicht auf die Platte dieser Maschine schreiben; deshalb werden Anfragen abgewiesen.
attention-spool-fills = Beweise warten auf dieser Maschine und belegen { $percent } % ihres Platzes. Ist er voll, werden Anfragen abgewiesen.
attention-damaged = { $count ->
    [one] Das Beweisprotokoll ist nicht, wie es signiert wurde: { $count } Problem wurde gefunden.
   *[other] Das Beweisprotokoll ist nicht, wie es signiert wurde: { $count } Probleme wurden gefunden.
}
attention-missed = { $count ->
    [one] { $count } Datenstrom wurde später getrennt, als er hätte werden müssen. Das ist ein Fehler von uns.
   *[other] { $count } Datenströme wurden später getrennt, als sie hätten werden müssen. Das ist ein Fehler von uns.
}
attention-point-out = { $name } ist nicht erreichbar und entscheidet nichts: Die Apps dort sind nicht zugänglich.
attention-point-away = Von { $name } ist nichts zu hören.
attention-point-behind = { $name } hat seit { $seconds ->
    [one] { $seconds } Sekunde
   *[other] { $seconds } Sekunden
} eine Änderung nicht bestätigt.
attention-point-fills = Bei { $name } { $count ->
    [one] liegt { $count } Ereignis, das
   *[other] liegen { $count } Ereignisse, die
} im Protokoll noch { $count ->
    [one] fehlt
   *[other] fehlen
}.
attention-authority-ends = { $days ->
    [0] Das Zertifikat der eigenen Zertifizierungsstelle endet heute.
    [one] Das Zertifikat der eigenen Zertifizierungsstelle endet in { $days } Tag.
   *[other] Das Zertifikat der eigenen Zertifizierungsstelle endet in { $days } Tagen.
} Wer ihr vertraut, muss das nächste bekommen.
attention-certificate-ends = { $days ->
    [0] Das Zertifikat von { $name } endet heute.
    [one] Das Zertifikat von { $name } endet in { $days } Tag.
   *[other] Das Zertifikat von { $name } endet in { $days } Tagen.
} Lassen Sie es erneuern; die neue Datei wird von selbst übernommen.
attention-authority-ended = Das Zertifikat der eigenen Zertifizierungsstelle ist abgelaufen.
attention-certificate-ended = Das Zertifikat von { $name } ist abgelaufen: Browser weisen diese Hosts ab.
attention-person = { $name } wurde in den letzten 24 Stunden { $recent ->
    [one] einmal
   *[other] { $recent }-mal
} abgewiesen, { $days ->
    [one] am Tag
   *[other] in den { $days } Tagen
} davor { $before ->
    [0] nie
    [one] einmal
   *[other] { $before }-mal
}.
attention-app = { $name } hat in den letzten 24 Stunden { $recent ->
    [one] eine Anfrage
   *[other] { $recent } Anfragen
} abgewiesen, { $days ->
    [one] am Tag
   *[other] in den { $days } Tagen
} davor { $before ->
    [0] keine
   *[other] { $before }
}.
attention-unindexed = { $count ->
    [one] Der neueste Eintrag des Protokolls ist noch nicht durchsuchbar.
   *[other] Die neuesten { $count } Einträge des Protokolls sind noch nicht durchsuchbar.
}
attention-see-points = Durchsetzungspunkte ansehen
attention-see-denials = Ablehnungen ansehen

## Erste Schritte

start-title = Erste Schritte
start-so-far = { $done } von { $all } sind getan.
start-go-on = Der Rest geht in beliebiger Reihenfolge oder später. Jeder Schritt zeigt den Befehl, der dasselbe tut.
start-over = Alles Gewünschte ist getan. So steht es jetzt.
start-by-command = Als Befehl:
start-done = Erledigt
start-next = Als Nächstes
start-open = Offen
start-later = Auf später verschoben
start-leave = Auf später verschieben: { $step }
start-take-up = Wieder aufnehmen: { $step }
start-sign-in = Die eigene Anmeldung
start-domain = Namen und Zertifikate
start-app = Die erste App
start-second = Eine zweite Person
start-denial = Eine Ablehnung, erklärt
start-you-are = Angemeldet wird als { $login }, mit Passwort und Authenticator-App. Wiederherstellungscodes sind für den Tag, an dem das Telefon weg ist.
start-password = Passwort seit
start-authenticator = Authenticator-App seit
start-passkeys = Passkeys
start-passkeys-count = { $count ->
    [0] Keine
   *[other] { $count }
}
start-codes = Wiederherstellungscodes
start-codes-left = { $count ->
    [one] noch { $count }
   *[other] noch { $count }
}
start-no-factors = Über diese Anmeldung ist nichts bekannt.
start-to-account = Zum eigenen Konto
start-trust = Vor Zertifikaten der eigenen Zertifizierungsstelle warnen Browser, bis sie ihr vertrauen: { $file } gehört auf die Maschinen aller Beteiligten. Ihr Zertifikat
start-certificate = Sein Zertifikat kommt { $from }.
start-app-none = Noch ist keine App geschützt. Gebraucht wird die Adresse, unter der sie jetzt antwortet.
start-app-there = { $app } ist geschützt und wird geöffnet unter { $url }
start-second-none = Bisher ist hier niemand sonst. Wer jemanden einlädt, sieht, was andere sehen.
start-second-there = Auch { $name } kann sich anmelden. Was davon aufgeht, lässt sich vorher ausprobieren.
start-denial-none = Noch wurde niemandem, der angemeldet war, eine App verwehrt. Wer eine öffnet, ohne zu dürfen, findet den Grund hier.
start-to-denial = Warum
start-first = Noch ist nichts geschützt
start-first-how = Wenige Schritte führen von hier zu einer App, in die manche dürfen und andere erfahren, warum nicht.
start-begin = Anfangen
start-still-open = { $count ->
    [one] Erste Schritte: { $count } ist offen
   *[other] Erste Schritte: { $count } sind offen
}

## Auf vielen Seiten: was geschehen sollte, warum nicht, wie lange

to-do = { $action ->
    [http-read] { $resource } lesen
    [http-write] in { $resource } schreiben
    [token-issue] ein Token für { $resource } bekommen
    [admin-read] in der Verwaltung { $resource ->
        [objects] Objekte
        [people] Personen
        [sessions] Sitzungen
        [log] das Protokoll
       *[other] { $resource }
    } ansehen
    [admin-write] in der Verwaltung { $resource ->
        [objects] Objekte
        [people] Personen
        [sessions] Sitzungen
        [log] das Protokoll
       *[other] { $resource }
    } ändern
   *[other] { $verb }: { $resource }
}
together = { $some } und { $last }
length-less = weniger als eine Sekunde
length-seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
length-minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
length-hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
length-days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
took-millis = { $millis } ms
took-seconds = { $whole },{ $tenths } s
reason-sign-in-required = niemand ist angemeldet
reason-session-ended = die Anmeldung ist beendet
reason-step-up-required = eine stärkere oder neuere Anmeldung ist verlangt
reason-denied-by-policy = keine Richtlinie erlaubt es, oder eine verbietet es
reason-subject-disabled = das Konto ist gesperrt
reason-risk-too-high = das Konto verhält sich ungewöhnlich
reason-device-not-trusted = das Gerät ist nicht in Ordnung
reason-evidence-unavailable = es kann nichts aufgezeichnet werden
reason-lease-expired = das Gateway ist von seiner Steuerung abgeschnitten
reason-overloaded = es ist zu viel im Gange
refused-sign-in-required = Melden Sie sich an, um dies zu öffnen
refused-session-ended = Ihre Anmeldung ist beendet
refused-step-up-required = Dies verlangt eine stärkere Anmeldung
refused-denied-by-policy = Sie haben hierauf keinen Zugriff
refused-subject-disabled = Dieses Konto ist gesperrt
refused-risk-too-high = Der Zugriff ist für dieses Konto angehalten
refused-device-not-trusted = Dieses Gerät kann dies nicht öffnen
refused-evidence-unavailable = Der Zugriff ist angehalten: Es kann nichts aufgezeichnet werden
refused-lease-expired = Der Zugriff ist angehalten: Dieses Gateway ist von seiner Steuerung abgeschnitten
refused-overloaded = Es ist gerade zu viel im Gange

## Die Liste der Entscheidungen

live-on = Live: was kommt, erscheint hier
live-stale = Seit { $time } antwortet niemand; was hier steht, ist älter
live-stop = Anhalten
live-start = Mitverfolgen, was kommt
decisions-person-is = Person ist
decisions-app-is = App ist
decisions-outcome-is = Ergebnis ist
decisions-reason-is = Grund ist
decisions-request-is = Anfrage ist
decisions-since = Seit (24h, 7d, ein Zeitpunkt)
decisions-until = Bis
decisions-hosts-are = Hosts sind
decisions-hosts-apps = nur Apps
decisions-hosts-all = alle, auch die Konsole
decisions-at-most = Höchstens
decisions-permitted = erlaubt
decisions-denied = verweigert
decisions-cut = getrennt
decisions-no-request = Das ist keine Anfragenummer.
decisions-no-time = Schreiben Sie 24h, 7d oder 2026-01-31T09:00:00Z.
decisions-outcome = Ergebnis
decisions-wanted = Wollte
decisions-when = Wann
decisions-request = Anfrage
decisions-forbids = { $policy } verbietet es
decisions-permits = { $policy } erlaubt es
decisions-nobody = Niemand angemeldet
decisions-none = Noch ist keine Entscheidung über eine App aufgezeichnet. Jede Anfrage an eine App hinterlässt hier eine.
decisions-none-try = Fragen Sie nach einer App der Demo: { $command } sagt, wie entschieden würde.
decisions-none-like = Keine Entscheidung passt dazu. Wählen Sie einen längeren Zeitraum, oder { $clear }.
decisions-clear-filter = setzen Sie den Filter zurück
decisions-not-searched = Berichtigen Sie, was oben markiert ist; es wurde nicht gesucht.
decisions-count = { $count ->
    [one] { $count } Entscheidung, neueste zuerst.
   *[other] { $count } Entscheidungen, neueste zuerst.
}
decisions-more = Es kann mehr geben: Wählen Sie einen kürzeren Zeitraum, oder lassen Sie mehr auf einmal zeigen.
decisions-left-out = Die Konsole und die Anmeldeseiten sind weggelassen.

## Eine Entscheidung

decision-of-request = Anfrage
decision-was-cut = Getrennt wurde { $when }.
decision-was-cut-because = Getrennt wurde { $when }: { $reason }.
decision-no-remedy = Die Person selbst kann daran nichts ändern. Das muss ein Administrator tun: Was im Weg steht, ist markiert.
decision-policies = Was die Richtlinien sagen
decision-asked = Wonach gefragt wurde
decision-asker = Wer in diesem Augenblick fragte
decision-proof = Beweis
decision-stranger = Jemand ohne Anmeldung
decision-may = { $action ->
    [http-read] { $name } darf { $resource } lesen
    [http-write] { $name } darf in { $resource } schreiben
    [token-issue] { $name } darf ein Token für { $resource } bekommen
    [admin-read] { $name } darf in der Verwaltung { $resource ->
        [objects] Objekte
        [people] Personen
        [sessions] Sitzungen
        [log] das Protokoll
       *[other] { $resource }
    } ansehen
    [admin-write] { $name } darf in der Verwaltung { $resource ->
        [objects] Objekte
        [people] Personen
        [sessions] Sitzungen
        [log] das Protokoll
       *[other] { $resource }
    } ändern
   *[other] { $name } darf „{ $verb }“ mit { $resource }
}
decision-may-not = { $action ->
    [http-read] { $name } darf { $resource } nicht lesen
    [http-write] { $name } darf nicht in { $resource } schreiben
    [token-issue] { $name } darf kein Token für { $resource } bekommen
    [admin-read] { $name } darf in der Verwaltung { $resource ->
        [objects] keine Objekte
        [people] keine Personen
        [sessions] keine Sitzungen
        [log] das Protokoll nicht
       *[other] { $resource } nicht
    } ansehen
    [admin-write] { $name } darf in der Verwaltung { $resource ->
        [objects] keine Objekte
        [people] keine Personen
        [sessions] keine Sitzungen
        [log] das Protokoll nicht
       *[other] { $resource } nicht
    } ändern
   *[other] { $name } darf nicht „{ $verb }“ mit { $resource }
}
decision-yes = Erlaubt: { $may }: { $why }.
decision-yes-only = Erlaubt: { $may }.
decision-no = Verweigert: { $may }: { $why }.
decision-not-yet = Noch nicht: { $may }: { $why }.
decision-permitted-by = { $count ->
    [one] Richtlinie { $policies } erlaubt es
   *[other] die Richtlinien { $policies } erlauben es
}
decision-forbidden-by = { $count ->
    [one] Richtlinie { $policies } verbietet es
   *[other] die Richtlinien { $policies } verbieten es
}
decision-nearest-misses = { $count ->
    [one] keine Richtlinie erlaubt es; von { $policy } ist eine Bedingung nicht erfüllt
   *[other] keine Richtlinie erlaubt es; von { $policy }, der nächsten, sind { $count } Bedingungen nicht erfüllt
}
decision-about-nothing = keine Richtlinie handelt davon
decision-wants-stronger = Richtlinie { $policy } verlangt eine stärkere oder neuere Anmeldung
decision-remedies = Was es erlauben würde
decision-smallest-change = Kleinste Änderung
decision-tried = Jedes davon wurde mit dem damals Bekannten durchgespielt und ändert die Antwort.
way-sign-in = Anmelden
way-sign-in-again = Erneut anmelden
way-confirm = Mit einem zweiten Faktor die Identität bestätigen
way-sign-in-strongly = Erneut anmelden, mit einem zweiten Faktor
way-mend-device = Dieses Gerät in Ordnung bringen
way-enrol-device = Dieses Gerät registrieren
way-switch-account = Ein anderes Konto verwenden
way-await-review = Warten, bis die ungewöhnliche Aktivität dieses Kontos geprüft ist
way-await-time = Bis { $time } warten
way-with-advice = { $way }. { $advice }
decision-none-asked = Keine Richtlinie wurde befragt: Es war schon vorher klar.
decision-none-about = Keine Richtlinie handelt davon. Ohne eine, die es erlaubt, wird alles verweigert.
decision-write-one = Schreiben Sie eine, und dann { $command }.
decision-further = { $count ->
    [one] { $count } entferntere Richtlinie
   *[other] { $count } entferntere Richtlinien
}
decision-permits-this = Erlaubt dies
decision-forbids-this = Verbietet dies
decision-would-permit = Würde erlauben, trifft nicht zu
decision-would-forbid = Würde verbieten, trifft nicht zu
decision-smallest-is = Kleinste Änderung: { $way }.
decision-smallest-alone = Kleinste Änderung: Nur dies fehlt.
decision-missing-too = Fehlt ebenfalls.
decision-one-missing = { $count ->
    [one] { $count } fehlt.
   *[other] Eine von { $count }, die fehlen.
}
decision-in-the-way = Im Weg: müsste entfallen.
decision-nearest = Am nächsten an einem Ja
decision-holds = Erfüllt
decision-fails = Nicht erfüllt
decision-met = vorgefunden: { $value }
decision-no-conditions = Sie hat keine Bedingungen: Sie handelt von allem.
decision-wanted = Gewollt
decision-on = { $action } an { $kind } { $resource }
decision-from = Von
decision-with = Mit
decision-revision = Revision
decision-sign-in = Anmeldung
decision-no-sign-in = keine
decision-sign-in-gone = was darüber bekannt war, ist nicht mehr aufbewahrt
decision-signed-in-by = { $level ->
    [strong] stark, mit { $methods }
    [basic] einfach, mit { $methods }
   *[other] { $level }, mit { $methods }
}
decision-signed-in = Angemeldet
decision-before = { $length } zuvor
decision-factor = Zweiter Faktor
decision-no-factor = keiner
decision-session = Sitzung
decision-device = Gerät
decision-in-order = in Ordnung
decision-not-in-order = nicht in Ordnung
decision-managed = verwaltet
decision-no-device = keines, das registriert ist
decision-risk = Risiko
decision-risk-of = { $risk } von 100
decision-entry = Eintrag im Protokoll
decision-event = Ereignis
decision-decision = Entscheidung
decision-prove = Beweisen
decision-checkpoint = Der signierte Prüfpunkt des Protokolls

## Sitzungen, und wie man sie beendet

live-streams = { $count ->
    [one] { $count } offene Verbindung
   *[other] { $count } offene Verbindungen
}
sessions-you = Sie, hier
sessions-none = Niemand ist angemeldet. Jede Anmeldung steht hier, bis sie endet.
sessions-none-try = Jemanden hereinlassen: { $command }
sessions-count = { $sessions ->
    [one] { $sessions } Anmeldung
   *[other] { $sessions } Anmeldungen
} von { $people ->
    [one] { $people } Person
   *[other] { $people } Personen
}.
sessions-ending = Wird eine beendet, so schließt sich sofort alles, was sie offen hat; die Person kann sich wieder anmelden.
session-of = Die Anmeldung von { $name }
session-until = Endet ohne Nutzung in
session-id = Anmeldung
session-open = In diesem Moment offen
session-open-what = Offen zu
session-received = Empfangen
session-sent = Gesendet
session-nothing-open = Nichts ist offen. Was angefragt und beantwortet ist, ist sofort vorbei; Streams und Downloads stehen hier, solange sie laufen.
session-open-elsewhere = { $count ->
    [one] { $count } weitere Verbindung ist an einem Gateway auf einer anderen Maschine offen.
   *[other] { $count } weitere sind an Gateways auf anderen Maschinen offen.
}
amount-bytes = { $count ->
    [one] { $count } Byte
   *[other] { $count } Bytes
}
amount-kib = { $whole },{ $tenths } KiB
amount-mib = { $whole },{ $tenths } MiB
amount-gib = { $whole },{ $tenths } GiB
end-one = Anmeldung beenden
end-one-of = Anmeldung von { $name } beenden
end-all = Alle { $count } Anmeldungen beenden
end-all-of = Alle { $count } Anmeldungen von { $name } beenden
end-live = { $live ->
    [one] { $live } offene Verbindung beenden
   *[other] { $live } offene Verbindungen beenden
}
end-live-of = { $live ->
    [one] { $live } offene Verbindung von { $name } beenden
   *[other] { $live } offene Verbindungen von { $name } beenden
}
end-question = { $verb }?
end-sign-in = { $live ->
    [one] Eine Anmeldung mit { $methods }, begonnen { $began }, zuletzt gesehen { $seen }, mit { $live } offener Verbindung
   *[other] Eine Anmeldung mit { $methods }, begonnen { $began }, zuletzt gesehen { $seen }, mit { $live } offenen Verbindungen
}
end-nothing-open = Davon ist im Augenblick nichts offen.
end-stops = Laufende Anfragen, Datenströme und Downloads enden vorzeitig.
end-next = Die nächste Anfrage verlangt eine neue Anmeldung.
end-own = Das ist Ihre eigene Anmeldung: Sie werden abgemeldet, und diese Seite mit Ihnen.
end-done = { $name }: { $count ->
    [one] { $count } Anmeldung beendet
   *[other] Alle Anmeldungen beendet
}; { $cut ->
    [one] { $cut } offene Verbindung in { $took } getrennt.
   *[other] { $cut } offene Verbindungen in { $took } getrennt.
}

## Eine Richtlinie

policy-text = Text
policy-text-of = Text der Richtlinie
policy-edit = Bearbeiten
policy-gone = Diese Richtlinie ist gelöscht. Setzen Sie sie unten zurück, wenn sie wieder gebraucht wird.
policy-cedar = Text in Cedar
policy-cedar-hint = Personen mit Anmeldenamen. Behalten Sie @id bei: Das ist der Name der Richtlinie.
policy-save = Speichern
policy-check = Nur prüfen
policy-found = Was gefunden wurde
policy-better = Sie ist in Ordnung, und könnte besser sein
policy-not-saved = { $count ->
    [one] Nicht gespeichert: { $count } Fehler
   *[other] Nicht gespeichert: { $count } Fehler
}
policy-sound = Sie ist in Ordnung. Gespeichert wurde noch nichts.
policy-sound-same = Sie ist in Ordnung, und dieselbe wie zuvor.
policy-same = Sie ist dieselbe wie zuvor, deshalb wurde nichts gespeichert.
policy-saved = { $cut ->
    [one] Als Revision { $revision } gespeichert; { $cut } offene Verbindung getrennt.
   *[other] Als Revision { $revision } gespeichert; { $cut } offene Verbindungen getrennt.
}
policy-other = das ist eine andere Richtlinie, `{ $id }`
policy-other-help = behalten Sie `@id("{ $id }")` bei; andere fügen Sie mit `bartizan apply` hinzu
policy-empty = in diesem Text steht keine Richtlinie
policy-empty-help = löschen Sie sie mit `bartizan delete policy NAME`, wenn das gemeint ist
policy-in-order = Es ist in Ordnung.
policy-mistakes = { $count ->
    [one] { $count } Fehler
   *[other] { $count } Fehler
}
policy-place = Zeile { $line }, Spalte { $column }
policy-new = Neue Richtlinie
policy-create = Anlegen

## Two who change one policy

clash = Jemand hat sie geändert, während Sie schrieben
clash-changed = { $author } hat daraus Revision { $revision } gemacht, { $when }. Von Ihnen wurde nichts gespeichert.
clash-deleted = { $author } hat sie in Revision { $revision } gelöscht, { $when }. Von Ihnen wurde nichts gespeichert.
clash-ways = Ihr Text steht unten im Editor. Übernehmen Sie, was vom anderen bleiben soll, und speichern Sie, oder lassen Sie es so, wie es jetzt ist.
clash-theirs = Was inzwischen anders wurde
clash-mine = Was Sie geändert haben
clash-over = Was das Speichern Ihres Textes jetzt ändern würde
clash-save = Meinen Text darüber speichern

## What is asked about a policy before it is saved

try = Ausprobieren
try-what = Wie eine Anfrage entschieden würde, jetzt und mit diesem Text. Nichts wird gespeichert.
try-person = Person, nach Anmeldename
try-method = Methode
try-path = Pfad
try-verb = Fragen
try-now = Jetzt
try-then = Mit diesem Text
try-turns = Die Antwort wäre eine andere.
try-stays = Die Antwort bleibt dieselbe.
try-by = Sie beruhte auf { $policies }.
try-no-say = Diese Richtlinie hat dabei nichts zu sagen.
try-method-wrong = Eine Methode ist ein Wort aus Buchstaben, etwa GET oder POST.
try-path-wrong = Ein Pfad beginnt mit einem Schrägstrich und hat höchstens 2048 Zeichen.
try-no-app = Es gibt keine App, nach der gefragt werden könnte. Legen Sie zuerst eine an.
try-tests = Tests der Richtlinie
try-cases = Tests, wie sie in Dateien stehen
try-tests-hint = Jeder [[case]] nennt eine App und erwartet „permit“ oder „deny“. Gefragt wird nach den Personen und Apps, die es gibt; aufgehoben wird nichts.
try-run = Tests ausführen
try-unread = Die Tests sind nicht in Ordnung; ausgeführt wurde keiner.
try-passed = { $count ->
    [one] { $count } Test bestanden.
   *[other] Alle { $count } Tests bestanden.
}
try-failed = { $count ->
    [one] { $failed } von { $count } Test fehlgeschlagen.
   *[other] { $failed } von { $count } Tests fehlgeschlagen.
}
try-as-expected = Wie erwartet:
try-too-many = es sind mehr als { $count } Tests oder mehr als 64 KiB davon
effect = Wer Zugang gewinnt oder verliert
effect-none = Niemand: Alle kommen in dieselben Apps wie zuvor.
effect-too-many = Es gibt zu viele Personen und Apps, um nach jeder zu fragen. Die Zugriffskarte zeigt nach dem Speichern eine App nach der anderen.
effect-gain = { $count ->
    [one] { $count } Person kommt neu in { $app }:
   *[other] { $count } Personen kommen neu in { $app }:
}
effect-lose = { $count ->
    [one] { $count } Person verliert { $app }:
   *[other] { $count } Personen verlieren { $app }:
}
effect-more = und { $count } weitere
effect-supposed = Als hätten sich alle eben stark angemeldet, von Ihrem Ort aus, auf keinem bekannten Gerät, um die erste Seite zu lesen.

## A new policy

new-what = Gespeichert wird erst, wenn Sie den Text und seine Wirkung gesehen haben.
new-name = Name
new-name-hint = 1 bis 63 Zeichen aus a-z, 0-9, „-“, „_“ und „.“, etwa payroll-finance.
new-name-wrong = Das ist kein Name: Er beginnt mit einem Buchstaben oder einer Ziffer und hat nur die unten genannten Zeichen.
new-name-taken = Es gibt schon eine Richtlinie { $name }. Wählen Sie einen anderen Namen.
new-template = Womit sie beginnt
new-group = Gruppe
new-on = Weiter zum Text
new-open = Eine Gruppe darf eine App öffnen
new-open-reason = Alle in { $group } dürfen { $app } öffnen
new-strong = … nach starker Anmeldung von heute, solange sie sich wie gewohnt verhält
new-strong-reason = { $group } darf { $app } nach starker Anmeldung öffnen, solange sich das Konto wie gewohnt verhält
new-device = … von einem registrierten Gerät, das in Ordnung ist
new-device-reason = { $group } darf { $app } von Geräten öffnen, die in Ordnung sind
new-read = … zum Lesen, nicht zum Ändern
new-read-reason = { $group } darf { $app } lesen
new-hours = … werktags von 7 bis 19 Uhr UTC
new-hours-reason = { $group } darf { $app } in der Arbeitszeit öffnen
new-never = Eine Gruppe darf eine App nie öffnen, was auch immer es sonst erlaubt
new-never-reason = Niemand in { $group } öffnet { $app }, in welchen Gruppen auch immer

## Durchsetzungspunkte auf anderen Maschinen

points-point = Punkt
points-lag = Rückstand
points-lease = Frist
points-spool = Puffer
points-release = Version
points-change = Ändern
points-none = Noch ist kein Gateway auf einer anderen Maschine beigetreten. Eines, das beigetreten ist, ist ein Durchsetzungspunkt: Es bedient Apps, wo sie sind, entscheidet nach dem, was die Steuerung ihm sagt, und steht hier mit seinem Stand.
points-none-try = Lassen Sie hier eines beitreten, oder mit dem, was dies ausgibt: { $command }
points-what = Gateways auf anderen Maschinen. Das Gateway dieser Maschine zählt nicht dazu.
points-let-join = Gateway beitreten lassen
points-columns = Der Rückstand sagt, wie lange die älteste Änderung wartet, die ein Punkt noch nicht bestätigt hat; die Frist, wie lange er noch entscheidet, wenn er nichts mehr hört; der Puffer, wie viele Ereignisse dort auf das Protokoll warten.
points-not-listening = Die Steuerung nimmt keine Verbindungen von Durchsetzungspunkten an; deshalb kann keiner beitreten, und von keinem ist etwas zu hören. Schreiben Sie dies in { $file }, und starten Sie die Steuerung neu:
points-joined = beigetreten { $when }
points-every-app = alle Apps
points-missing = { $count } zurück
points-control = Steuerung: { $release }
points-remove = Entfernen
points-on-others = { $count ->
    [one] { $count } Punkt auf anderen Maschinen
   *[other] { $count } Punkte auf anderen Maschinen
}
points-up-to-date = { $count } aktuell
points-behind = { $count } im Rückstand
points-away = { $count } nicht erreichbar
standing-up-to-date = Aktuell
standing-behind = Im Rückstand
standing-behind-for = schon { $length }
standing-away = Nicht erreichbar
standing-decides-for = entscheidet noch höchstens { $left }
standing-decides-nothing = entscheidet nichts
standing-unheard = seit dem Start nichts gehört
remove-nothing = Es würde nichts getrennt: Soweit die Steuerung weiß, ist dort nichts offen.
remove-ends = { $count ->
    [one] { $streams } dort würde mit seiner Frist enden.
   *[other] { $streams } dort würden mit seiner Frist enden.
}
remove-cuts = { $count ->
    [one] { $streams } dort würde sofort getrennt: Anfragen, Datenströme und Downloads enden vorzeitig.
   *[other] { $streams } dort würden sofort getrennt: Anfragen, Datenströme und Downloads enden vorzeitig.
}
remove-refuses = Wer zu dieser Maschine geschickt wird, wird abgewiesen, bis die Namen ihrer Apps anderswohin führen.
remove-keys = Sein Zertifikat und die Schlüssel, mit denen er signiert hat, sind nicht mehr zu gebrauchen. Mit dem, was er hat, kann er nicht zurückkehren: Um ihn wiederzuhaben, lassen Sie ihn neu beitreten, mit einem anderen Ordner.
remove-away = Er ist nicht erreichbar und kann nicht benachrichtigt werden; deshalb wartet die Antwort, bis seine Frist vorbei ist: höchstens { $wait }.
remove-unheard = Seit dem Start der Steuerung ist von ihm nichts zu hören. War der Start gerade eben, so entscheidet er vielleicht noch, bis seine Frist vorbei ist.
remove-title = { $name } entfernen?
remove-verb = { $name } entfernen
remove-verb-cut = { $count ->
    [one] { $name } entfernen und { $count } offene Verbindung trennen
   *[other] { $name } entfernen und { $count } offene Verbindungen trennen
}
remove-done = { $count ->
    [0] { $name } ist entfernt; dort war nichts offen. Dort galt das nach { $took }.
    [one] { $name } ist entfernt; { $count } offene Verbindung dort wurde beendet. Dort galt das nach { $took }.
   *[other] { $name } ist entfernt; { $count } offene Verbindungen dort wurden beendet. Dort galt das nach { $took }.
}

## Ein Gateway beitreten lassen

join-title = Ein Gateway beitreten lassen
join-back = Zurück zu den Durchsetzungspunkten
join-what = Erstellt ein Token, mit dem eine Maschine einmal zum Gateway dieser Installation wird.
join-name = Name
join-name-hint = Wie der Punkt hier heißt. Bleibt das leer, heißt er gateway-1, gateway-2 und so weiter.
join-apps = Apps, die er bedient
join-apps-hint = Keine angekreuzt: alle Apps mit einem Server dahinter, wie sie kommen und gehen. Ein Punkt erfährt von keiner anderen App als seinen eigenen, und was er bedient, ändert sich später nicht.
join-no-apps = Noch gibt es keine App mit einem Server dahinter. Der Punkt wird alle Apps bedienen, wie sie kommen und gehen.
join-good-for = Das Token gilt für
join-make = Token erstellen
join-made-title = Ein Token für { $name }
join-made-for-all = Mit diesem Token wird eine Maschine zum Gateway { $name }, für alle Apps mit einem Server dahinter.
join-made-for = Mit diesem Token wird eine Maschine zum Gateway { $name }, für { $apps }.
join-works-once = Es gilt einmal, bis { $until } (noch { $left }), und wird nicht noch einmal angezeigt.
join-bring = 1. Bringen Sie es auf die andere Maschine
join-bring-how = Führen Sie dort dies aus, fügen Sie das Token ein, und schließen Sie mit der Eingabetaste und Strg-D ab. Es steht dann in einer Datei, die niemand sonst lesen kann.
join-start = 2. Starten Sie dort das Gateway
join-later = Von da an wird es ohne { $option } gestartet, und die Datei kann weg.
join-send = 3. Schicken Sie die Leute dorthin
join-send-how = Lassen Sie die Namen seiner Apps auf diese Maschine zeigen. Sobald es beigetreten ist, steht es bei den { $points }.
join-among-points = Durchsetzungspunkten

## Ablehnungen und Fehler

failure-console = Konsole
failure-remedies = Was Abhilfe schafft
failure-to-overview = Zur Übersicht
failure-back = Gehen Sie dorthin zurück, wo Sie waren, oder { $overview }.
failure-open-overview = öffnen Sie die Übersicht
failure-mend = Gehen Sie zurück, und berichtigen Sie, was hier genannt ist; Ihre Eingaben sind noch da. Es wurde nichts geändert.
failure-reason = Grund
failure-denied = { $title }. Mehr erfährt ein Administrator mit { $command }.
failure-no-page = Diese Seite gibt es nicht
failure-no-page-why = Unter dieser Adresse ist nichts.
failure-cross-site = Das kam nicht von einer Seite der Konsole
failure-no-proof = Eine Änderung mit Cookie braucht das Token der Sitzung, im Feld „csrf“ des Formulars oder im Header „Bartizan-Csrf“. Es wurde nichts geändert. Öffnen Sie die Seite erneut, und senden Sie es von dort.
failure-wrong-proof = Das Token gehört zu einer anderen Anmeldung als der, die es gesendet hat: zu der von jemand anderem, oder zu einer, die beendet ist. Es wurde nichts geändert. Öffnen Sie die Seite erneut, und senden Sie es von dort.
failure-form-too-long = Das Formular ist länger als 512 KiB, deshalb wurde es nicht gelesen. Es wurde nichts geändert.
failure-not-found = Das gibt es nicht
failure-missing = { $what ->
    [request-or-decision] Es gibt keine Anfrage oder Entscheidung „{ $name }“.
    [revision-of-it] Davon gibt es keine Revision „{ $name }“.
    [user] Es gibt keine Person „{ $name }“.
    [session] Es gibt keine Sitzung „{ $name }“.
    [app] Es gibt keine App „{ $name }“.
    [group] Es gibt keine Gruppe „{ $name }“.
    [policy] Es gibt keine Richtlinie „{ $name }“.
    [point] Es gibt keinen Durchsetzungspunkt „{ $name }“.
   *[other] Das gibt es nicht: { $what } „{ $name }“.
}
failure-invalid = Das ist nicht in Ordnung
failure-lockout = Das würde alle aussperren
failure-too-large = Das ist zu groß
failure-too-large-why = Was gesendet wurde, ist größer als 1 MiB: Wenden Sie es in Teilen an.
failure-conflict = Jemand anders hat es geändert
failure-conflict-why = „{ $name }“ wurde inzwischen von jemand anderem geändert. Sehen Sie sich den jetzigen Stand an, und ändern Sie ihn erneut.
failure-name-taken = Dieser Name ist vergeben
failure-name-taken-why = Den Anmeldenamen „{ $name }“ hat schon eine andere Person.
failure-no-session = Diese Sitzung gibt es nicht
failure-no-session-why = Diese Sitzung gibt es nicht.
failure-store = Der Speicher antwortet nicht
failure-behind-why = Dem Änderungsprotokoll kann im Augenblick nicht gefolgt werden, deshalb lässt sich nichts sicher ändern: Versuchen Sie es erneut.
failure-unrecorded = Es kann nichts aufgezeichnet werden
failure-unrecorded-why = Was verlangt wurde, kann nicht aufgezeichnet werden; deshalb wurde es nicht getan.
failure-busy = Es ist zu viel zu tun
failure-busy-why = Zu viele Anmeldungen auf einmal: Versuchen Sie es in einem Augenblick erneut.
failure-internal = Hier ist etwas kaputt

## Was angenommen werden musste, um eine Entscheidung zu erklären

note-recorded-because = aufgezeichnet wurde damals „{ $outcome }“ ({ $reason }); worauf das beruhte, ist nicht mehr alles da
note-recorded = aufgezeichnet wurde damals „{ $outcome }“; worauf das beruhte, ist nicht mehr alles da
note-sealed = Pfad und Adresse waren für eine Person versiegelt, die gelöscht und unkenntlich ist
note-not-kept = was damals über { $kind ->
    [user] die Person
    [session] die Sitzung
    [device] das Gerät
    [app] die App
    [risk] das Risiko
   *[other] { $kind }
} bekannt war, ist nicht mehr aufbewahrt

## The portal: what a person may open, and what they did

portal-apps = Ihre Apps
portal-sign-out = Abmelden
portal-no-apps = Es gibt keine App, die Sie öffnen dürfen. Bitten Sie Ihre Administration um Zugang.
portal-none-like = Keine Ihrer Apps heißt so.
portal-more = Es gibt weitere. Suchen Sie die gewünschte.
portal-find = App suchen
portal-asks-again = Fragt nach einer neueren oder stärkeren Anmeldung
portal-administration = Administration
activity = Was zuletzt geschah
activity-not-you = Das geschah in Ihrem Namen. Waren Sie etwas davon nicht selbst, { $end } und sagen Sie es Ihrer Administration.
activity-end-it = beenden Sie die Anmeldung
activity-none = In Ihrem Namen geschah bisher nichts.
activity-times = { $count ->
    [one] { $count }-mal
   *[other] { $count }-mal
}
activity-earlier = Früheres
activity-newest = Neuestes
deed-used = Sie haben { $app } verwendet
deed-token = Sie haben ein Token für { $app } erstellt
deed-asked-again = { $app } wollte eine neuere oder stärkere Anmeldung
deed-denied = { $app } hat sich nicht geöffnet
deed-cut = { $app } wurde geschlossen, während Sie es verwendeten
deed-signed-in = Sie haben sich angemeldet
deed-signed-out = Sie haben sich abgemeldet
deed-revoked = Eine Ihrer Anmeldungen wurde von der Administration beendet
deed-over = Eine Ihrer Anmeldungen ist von selbst abgelaufen
deed-wrong-password = Ein falsches Passwort wurde eingegeben
deed-wrong-code = Ein falscher oder schon benutzter Code wurde eingegeben
deed-too-many = Zu viele Fehlversuche: Wer sie machte, musste warten
deed-set-up = Sie haben Ihr Konto eingerichtet
deed-recovery-code = Ein Wiederherstellungscode wurde benutzt
deed-link = Ein Anmeldelink wurde benutzt
deed-wrong-passkey = Ein Passkey wurde nicht angenommen
deed-passkey-added = Ihrem Konto wurde ein Passkey hinzugefügt
deed-passkey-removed = Ein Passkey wurde aus Ihrem Konto entfernt
deed-ended-by-change = Eine Ihrer Anmeldungen wurde beendet, weil geändert wurde, womit Sie sich anmelden
deed-ended-at-provider = Eine Ihrer Anmeldungen wurde von dem Anbieter beendet, bei dem Sie sich angemeldet haben
deed-password-set = Das Passwort Ihres Kontos wurde gesetzt
deed-password-removed = Das Passwort wurde aus Ihrem Konto entfernt
deed-app-added = Für Ihr Konto wurde eine Authenticator-App eingerichtet
deed-app-removed = Die Authenticator-App wurde aus Ihrem Konto entfernt
deed-provider-linked = Ihr Konto wurde mit einer Anmeldung bei einem Anbieter verbunden
deed-provider-unlinked = Ihr Konto wurde von einer Anmeldung bei einem Anbieter getrennt
deed-codes-new = Für Ihr Konto wurden neue Wiederherstellungscodes erstellt

# Clients
client = Client
client-answered-at = Erhält Antwort unter
client-proves = Weist sich aus
client-state = Zustand
client-by-secret = mit einem Geheimnis
client-by-key = mit einem eigenen Schlüssel
client-by-others = durch ein Token, das jemand anderes ihm gibt
client-trusts = Wessen Token gelten
client-by-nothing = gar nicht: er läuft auf Geräten von Personen
client-no-secret = noch kein Geheimnis
client-disabled = gesperrt
client-enabled = in Gebrauch
client-built-in = eingebaut
client-gone = Dieser Client ist gelöscht. Stellen Sie ihn unten wieder her, falls er noch gebraucht wird.
client-policies = Regeln dazu
client-policies-none = Keine Regel handelt davon, also darf sich niemand dort anmelden.
client-issuer = Aussteller (Issuer)
client-id = Client-ID
client-new-secret = Neues Geheimnis erzeugen
client-told-at = Erfährt das Abmelden unter
client-scopes = Darf fragen nach
client-signed = ID-Tokens werden signiert mit
client-exchanges = Tauscht Token von
client-audiences = Für Server unter
client-consent = Zustimmung
client-consent-asked = Personen werden gefragt, bevor er etwas über sie erfährt
client-secret-effect = Ein Geheimnis, das er schon hat, gilt von da an nicht mehr: Das Programm braucht das neue.
client-secret-once = Das Geheimnis wird einmal gezeigt. Bartizan behält nur einen Prüfwert davon.
client-secret-title = Geheimnis von { $name }
client-secret = Client-Geheimnis
client-back = Zurück zum Client
service-policies-none = Keine Richtlinie handelt davon, also darf es nichts.
service-keys = Schlüssel
service-keys-what = Mit einem eigenen Schlüssel handelt das Programm für sich selbst, ohne eine Person. Richtlinien kennen es als { $subject }.
service-keys-none = Es hat keinen Schlüssel.
service-key = Schlüssel
service-key-new = Schlüssel erstellen
service-key-title = Schlüssel von { $name }
service-key-effect = Wer den Schlüssel hat, ist dieses Programm, bei den Anwendungen, die Sie nennen. Was es dort darf, sagen Richtlinien.
service-key-apps = Gilt bei
service-key-apps-hint = Namen von Anwendungen mit Leerzeichen dazwischen, etwa: wiki console
service-key-label = Wofür
service-key-unlabelled = nicht angegeben
service-key-lives = Gültig für
service-key-days = { $count ->
    [one] 1 Tag
   *[other] { $count } Tage
}
service-key-author = Erstellt von
service-key-used = Zuletzt benutzt
service-key-never = nie
service-key-ends = Endet
service-key-do = Aktion
service-key-end = Beenden
service-key-end-title = Einen Schlüssel von { $name } beenden
service-key-end-effect = { $live ->
    [0] Der Schlüssel gilt ab dann nicht mehr.
    [one] Der Schlüssel gilt ab dann nicht mehr, und 1 offene Anfrage wird getrennt.
   *[other] Der Schlüssel gilt ab dann nicht mehr, und { $live } offene Anfragen werden getrennt.
}
service-key-ended = { $cut ->
    [0] Der Schlüssel ist beendet.
    [one] Der Schlüssel ist beendet; 1 offene Anfrage wurde getrennt.
   *[other] Der Schlüssel ist beendet; { $cut } offene Anfragen wurden getrennt.
}
service-key-once = Der Schlüssel wird einmal angezeigt. Bartizan behält nur eine Prüfsumme davon.
service-key-present = Das Programm legt ihn so vor: { $field }.
clients-what = Programme mit eigener Anmeldung können die von Bartizan übernehmen (OpenID Connect). Sie stehen in Dateien: { $command }
clients-none = Noch kein Programm meldet Personen mit Bartizan an. Legen Sie eines in einer Datei fest, und:
