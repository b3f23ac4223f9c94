# Die Konsole, für Administratoren.

## Die Leiste

place-overview = Übersicht
place-decisions = Entscheidungen
place-sessions = Sitzungen
place-people = Personen
place-groups = Gruppen
place-apps = Apps
place-policies = Richtlinien
place-points = Durchsetzungspunkte
