# Les éléments dont les pages sont faites.

## Le cadre de la console

skip = Aller au contenu
menu = Menu
rail = Menu principal
up-to-date = À jour
catching-up = Mise à jour en cours
revision = révision { $revision }

## Ce qui s’est passé

outcome-permit = Autorisé
outcome-step-up = Connexion renforcée
outcome-deny = Refusé
outcome-cut = Coupé
disabled = Désactivé

## Boutons qui ont besoin d’un script

copy = Copier
copy-all = Tout copier
copied = Copié
select-and-copy = Sélectionnez et copiez
print = Imprimer

## Durées

just-now = à l’instant
minutes-ago = { $count ->
    [one] il y a { $count } minute
   *[other] il y a { $count } minutes
}
hours-ago = { $count ->
    [one] il y a { $count } heure
   *[other] il y a { $count } heures
}
days-ago = { $count ->
    [one] il y a { $count } jour
   *[other] il y a { $count } jours
}
seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
moment = { $day } { $month ->
    [1] janvier
    [2] février
    [3] mars
    [4] avril
    [5] mai
    [6] juin
    [7] juillet
    [8] août
    [9] septembre
    [10] octobre
    [11] novembre
   *[12] décembre
} { $year }, { $time } UTC

## Au pied d’une page

languages = Langue

## The search of the console, and its keys

find = Chercher
found = Ce qui a été trouvé
keys = Touches
key-find = Tout chercher
key-search = Aller à la recherche de la page
key-rows = Parcourir les lignes ; Entrée en ouvre une
key-help = Afficher les touches
close = Fermer

## The pages where a person looks after what is theirs

home = Vos pages
home-apps = Applications
home-activity = Activité
home-account = Connexion et sécurité
browser-on = { $browser } sous { $system }, { $address }
browser-from = { $browser }, { $address }
unknown-place = Lieu inconnu

## The editor

editor-checking = Vérification…
editor-unchecked = La vérification n’a pas pu se faire à l’instant. L’enregistrement vérifie aussi.
editor-control = Caractère de contrôle
editor-keys = F8 mène à l’erreur suivante ; Tab quitte le texte.

## What changed between two texts

diff-none = Aucune ligne n’est différente.
diff-gone = retiré :
diff-new = ajouté :
