# La console, pour qui administre.

## La barre

place-overview = Vue d’ensemble
place-decisions = Décisions
place-sessions = Sessions
place-people = Personnes
place-groups = Groupes
place-apps = Applications
place-policies = Politiques
place-points = Points d’application
