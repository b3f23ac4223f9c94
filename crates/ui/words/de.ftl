# Die Teile, aus denen Seiten bestehen.

## Der Rahmen der Konsole

skip = Zum Inhalt springen
menu = Menü
rail = Hauptmenü
up-to-date = Auf dem neuesten Stand
catching-up = Holt auf
revision = Revision { $revision }

## Was geschah

outcome-permit = Erlaubt
outcome-step-up = Stärkere Anmeldung
outcome-deny = Verweigert
outcome-cut = Getrennt
disabled = Gesperrt

## Tasten, die ein Skript brauchen

copy = Kopieren
copy-all = Alle kopieren
copied = Kopiert
select-and-copy = Markieren und kopieren
print = Drucken

## Zeiten

just-now = gerade eben
minutes-ago = { $count ->
    [one] vor { $count } Minute
   *[other] vor { $count } Minuten
}
hours-ago = { $count ->
    [one] vor { $count } Stunde
   *[other] vor { $count } Stunden
}
days-ago = { $count ->
    [one] vor { $count } Tag
   *[other] vor { $count } Tagen
}
seconds = { $count ->
    [one] { $count } Sekunde
   *[other] { $count } Sekunden
}
minutes = { $count ->
    [one] { $count } Minute
   *[other] { $count } Minuten
}
hours = { $count ->
    [one] { $count } Stunde
   *[other] { $count } Stunden
}
days = { $count ->
    [one] { $count } Tag
   *[other] { $count } Tage
}
moment = { $day }. { $month ->
    [1] Januar
    [2] Februar
    [3] März
    [4] April
    [5] Mai
    [6] Juni
    [7] Juli
    [8] August
    [9] September
    [10] Oktober
    [11] November
   *[12] Dezember
} { $year }, { $time } UTC

## Am Fuß einer Seite

languages = Sprache

## The search of the console, and its keys

find = Suchen
found = Was gefunden wurde
keys = Tasten
key-find = Alles suchen
key-search = Zur Suche der Seite
key-rows = Durch die Zeilen gehen; Eingabe öffnet eine
key-help = Tasten anzeigen
close = Schließen

## The pages where a person looks after what is theirs

home = Ihre Seiten
home-apps = Apps
home-activity = Aktivität
home-account = Anmeldung und Sicherheit
browser-on = { $browser } unter { $system }, { $address }
browser-from = { $browser }, { $address }
unknown-place = Unbekannter Ort

## The editor

editor-checking = Wird geprüft …
editor-unchecked = Gerade ließ es sich nicht prüfen. Beim Speichern wird es auch geprüft.
editor-control = Steuerzeichen
editor-keys = F8 springt zum nächsten Fehler, Tab verlässt den Text.

## What changed between two texts

diff-none = Keine Zeile ist anders.
diff-gone = entfernt:
diff-new = hinzugefügt:
