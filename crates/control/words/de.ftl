# Die Konsole, für Administratoren.

## Die Leiste

place-overview = Übersicht
place-decisions = Entscheidungen
place-sessions = Sitzungen
place-access = Zugriffskarte
place-people = Personen
place-groups = Gruppen
place-apps = Apps
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
people-live = Offene Verbindungen
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
access-anybody = jeder
access-strangers = wer nicht angemeldet ist
access-all-apps = alle Apps
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
