# La console, pour qui administre.

## La barre

place-overview = Vue d’ensemble
place-decisions = Décisions
place-sessions = Sessions
place-access = Carte des accès
place-people = Personnes
place-groups = Groupes
place-apps = Applications
place-policies = Politiques
place-points = Points d’application

## Listes

list-search = Recherche
list-show = Afficher
list-clear = Réinitialiser
list-any = indifférent
list-nothing = Rien ici ne correspond à votre demande.
list-all = Tout afficher
list-pages = Pages
list-range = { $first }–{ $last } sur { $total }
list-previous = Précédent
list-next = Suivant
list-export = Emporter en
list-changed = Modifié
list-changed-by = { $when } par { $author }
list-reading = { $count ->
    [one] La liste est en cours de lecture : { $count } entrée jusqu’ici. Cela n’arrive qu’une fois après un démarrage.
   *[other] La liste est en cours de lecture : { $count } entrées jusqu’ici. Cela n’arrive qu’une fois après un démarrage.
}
list-again = Regarder à nouveau
list-no-one = aucun
confirm-leave = Laisser tel quel

## Finding

find-title = Recherche
find-help = Saisissez un nom, un hôte, une politique ou l’identificateur d’une requête.
find-place = Page
find-decision = Décision
find-action = Action
find-access = Ce que { $name } peut ouvrir
find-decisions = Décisions au sujet de { $name }

## Historique

history = Historique
history-change = Révision { $revision } par { $author }, { $when }
history-deleted = supprimé
history-first = première connue
history-back = Revenir à la révision { $revision }
history-diff = Ce que la révision { $revision } a changé
history-more = Les modifications plus anciennes sont conservées aussi ; « bartizan history » les montre.
history-unchanged = Rien n’a été modifié.
back-title = Ramener { $name } à la révision { $revision } ?
back-becomes = { $name } redevient ce que { $author } en avait fait ({ $when }). C’est une nouvelle modification, sur laquelle on peut revenir aussi.
back-deleted = L’objet était alors supprimé ; il l’est donc de nouveau.
back-changes = Ce qui change
back-cuts = Tout ce qui est ouvert est décidé à nouveau, et coupé si ce n’est plus permis.
back-done = { $cut ->
    [one] Revenu à la révision { $to }, sous la révision { $revision } ; { $cut } connexion coupée.
   *[other] Revenu à la révision { $to }, sous la révision { $revision } ; { $cut } connexions coupées.
}

## Personnes

people-person = Personne
people-login = Identifiant
people-login-hint = Minuscules et chiffres, comme le nom de son adresse électronique.
people-full-name = Nom complet
people-mail = Courriel
people-role = Rôle
people-state = État
people-active = Actif
people-disabled = Désactivé
people-admin = Administrateur
people-erased = effacé
people-sign-ins = Connexions
people-live = Flux ouverts
people-none = Il n’y a encore personne. Invitez la première personne ci-dessous, ou avec :
people-back = Retour aux personnes
person-gone = Ce compte est supprimé. Revenez ci-dessous à une révision antérieure, s’il faut le rétablir.
person-groups = Groupes
person-id = Identificateur
person-sign-ins = Connexions en cours
person-signed-out = Pas de connexion en ce moment.
person-decisions-none = Rien n’a encore été décidé pour cette personne au sujet d’une application.
person-disable = Désactiver
person-enable = Réactiver
person-access = Ce qu’elle peut ouvrir
person-link = Lien de connexion
person-invite = Inviter à nouveau
session-since = Depuis
session-seen = Vu pour la dernière fois
session-by = Connecté par
session-end = Terminer
object-decisions = Dernières décisions
object-decisions-all = Toutes les décisions
disable-title = Désactiver { $name } ?
disable-open-nothing = Rien ne serait coupé pour { $name } : rien n’est ouvert.
disable-open = { $live ->
    [one] { $live } flux ouvert de { $name } serait coupé aussitôt : requêtes, flux et téléchargements s’arrêtent avant la fin.
   *[other] { $live } flux ouverts de { $name } seraient coupés aussitôt : requêtes, flux et téléchargements s’arrêtent avant la fin.
}
disable-sign-ins = { $count ->
    [one] { $count } connexion ne servirait plus à rien, ni ses jetons.
   *[other] { $count } connexions ne serviraient plus à rien, ni leurs jetons.
}
disable-back = Rien n’est supprimé : réactiver le compte rend tout, sauf ce qui a été coupé.
disable-verb = Désactiver { $name }
disable-verb-cut = { $live ->
    [one] Désactiver { $name } et couper { $live } flux ouvert
   *[other] Désactiver { $name } et couper { $live } flux ouverts
}
disable-done = { $cut ->
    [one] { $name } est désactivé ; { $cut } flux coupé en { $took }.
   *[other] { $name } est désactivé ; { $cut } flux coupés en { $took }.
}
disable-was = { $name } était déjà désactivé.
enable-title = Réactiver { $name } ?
enable-effect = { $name } pourra de nouveau tout ce que permettent les politiques, avec ses facteurs et ses groupes d’avant.
enable-verb = Réactiver { $name }
enable-done = { $name } peut de nouveau agir.
enable-was = { $name } n’était pas désactivé.
invite-new = Inviter quelqu’un
invite-no-login = Indiquez l’identifiant avec lequel la personne se connectera.
invite-taken = { $login } existe déjà. Invitez cette personne à nouveau depuis sa page, si c’est bien elle.
invite-title = Une invitation pour { $name }
invite-again-title = Inviter { $name } à nouveau ?
invite-effect = Crée un lien valable une fois. Avec lui, { $name } choisit un nouveau mot de passe et une nouvelle application d’authentification : pour qui a perdu les siens.
invite-ends = Dès qu’il est utilisé, il remplace tous les facteurs existants et met fin aux connexions (en ce moment { $count ->
    [one] { $count } connexion
   *[other] { $count } connexions
}, { $live ->
    [one] { $live } flux ouvert
   *[other] { $live } flux ouverts
}). D’ici là, rien ne change.
invite-care = Qui a le lien peut prendre le compte : remettez-le là où vous savez qui écoute.
invite-verb = Créer une invitation
link-ask-title = Un lien de connexion pour { $name } ?
link-title = Un lien de connexion pour { $name }
link-effect = Crée un lien valable une fois, qui tient lieu de mot de passe à { $name }. Le second facteur reste demandé.
link-touches-nothing = Rien de ce qui est ouvert n’est touché.
link-verb = Créer un lien de connexion
link-hand-over = Remettez ce lien. Il est valable une fois, jusqu’à { $until } (encore { $left }), et n’est plus affiché ensuite.
link-created = Le compte existe maintenant, dans aucun groupe hormis ceux où vous l’ajoutez.

## Groupes

group = Groupe
group-effective = Personnes au total
group-direct = Nommées directement
group-inner = Groupes qu’il contient
group-outer = Il fait partie de
group-people = { $count ->
    [one] { $count } personne au total
   *[other] { $count } personnes au total
}
group-empty = Personne n’en fait partie, ni directement ni par un autre groupe.
group-more = { $count ->
    [one] Et { $count } autre personne.
   *[other] Et { $count } autres personnes.
}
group-gone = Ce groupe est supprimé. Revenez ci-dessous à une révision antérieure, s’il faut le rétablir.
groups-by-files = Au total comptent les personnes d’un groupe et celles des groupes qu’il contient. Les groupes se modifient par fichiers : { $command }
groups-none = Il n’y a pas encore de groupe. Les politiques s’écrivent de préférence sur des groupes. Déclarez-en un dans un fichier, puis :

## Applications

app = Application
app-host = Hôte
app-server = Serveur
app-own = Bartizan lui-même
app-plain = HTTP en clair accepté
app-own-ca = CA propre
app-sees-host = Voit comme hôte
app-host-public = le nom public
app-host-its-own = son propre nom
app-audit = Audit
app-audit-normal = normal
app-audit-strict = strict
app-told-groups = Apprend les groupes
app-lease = Délai sans contact
app-lease-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
app-relax = Accepte bien que les serveurs divergent
app-access = Qui peut l’ouvrir
app-policies = Politiques à son sujet
app-policies-none = Aucune politique n’en traite ; tout le monde est donc refusé.
app-decisions-none = Rien n’a encore été décidé à son sujet.
app-gone = Cette application est supprimée. Revenez ci-dessous à une révision antérieure, s’il faut la rétablir.
apps-by-files = Les applications se modifient par fichiers : { $command }
apps-none = Aucune application n’est encore derrière la passerelle. Déclarez-en une dans un fichier, puis :

## Politiques

policy = Politique
policy-effect = Effet
policy-permits = Permet
policy-forbids = Interdit
policy-about = À quoi elle sert
policy-no-reason = Elle ne le dit pas.
policies-rule = Ce qu’aucune ne permet est refusé, et ce qu’une interdit le reste, quoi que d’autres permettent.
policies-none = Il n’y a pas de politique ; tout est donc refusé. Écrivez-en une dans un fichier « .cedar », puis :

## Carte des accès

access-person = Personne (identifiant)
access-app = Application
access-no-person = Il n’y a personne du nom de « { $name } ».
access-no-app = Il n’y a pas d’application « { $name } ».
access-whole = Toute la carte
access-of-person = Ce que { $name } peut ouvrir, et selon quelles politiques.
access-of-app = Qui peut ouvrir { $app }, et selon quelles politiques.
access-of-all = De qui traite chaque politique, et de quelles applications. Choisissez une personne ou une application pour voir qui entre.
access-supposed = Décidé maintenant, comme si chaque personne venait de se connecter fortement de là où vous êtes, sur aucun appareil connu.
access-whom = De qui il s’agit
access-more = Il y en a d’autres : le tableau les a tous.
access-answer = Réponse
access-because = Parce que
access-about = Quelles applications
access-permitted = Permis
access-denied = Non permis
access-permits = permis par { $policies }
access-forbids = interdit par { $policies }
access-no-policy = aucune politique ne le permet
access-everybody = toute personne connectée
access-anybody = n’importe qui
access-strangers = qui n’est pas connecté
access-all-apps = toutes les applications
access-administration = l’administration
access-many = Restreignez les personnes par une recherche ; elles se distinguent alors aussi par la réponse.
access-people = { $count ->
    [one] { $count } personne
   *[other] { $count } personnes
}

## La vue d'ensemble : ce qui s'est passé, où l'on en est, ce qui demande attention

overview-activity = Décisions sur les applications
overview-utc = Heures en UTC
overview-span = Période affichée
overview-span-day = 24 heures
overview-span-week = 7 jours
overview-span-month = 30 jours
overview-nothing = Rien n'a été décidé sur une application pendant cette période. Chaque requête vers une application laisse ici une décision.
overview-nothing-try = Affichez plus de jours, ou demandez ce qui serait décidé : { $command }
overview-reasons = Pourquoi des requêtes ont été refusées
overview-no-reasons = Rien n'a été refusé pendant cette période.
overview-now = En ce moment
overview-live = Flux ouverts
overview-sign-ins = Connexions
overview-people = { $count ->
    [one] de { $count } personne
   *[other] de { $count } personnes
}
overview-log = Journal de preuves
overview-log-size = { $count ->
    [one] { $count } entrée
   *[other] { $count } entrées
}
overview-log-signed = signé { $when }
overview-log-indexed = { $count ->
    [one] { $count } entrée échappe encore aux recherches
   *[other] { $count } entrées échappent encore aux recherches
}
overview-log-verify = Prouver qu'il est intact : { $command }
overview-log-whole = Intact
overview-log-damaged = Endommagé
overview-log-checked = vérifié { $when }
overview-certificates = Certificats
overview-authority = Autorité propre
overview-days-left = { $days ->
    [0] expire aujourd'hui
    [one] expire dans { $days } jour
   *[other] expire dans { $days } jours
}
overview-latest = Dernières décisions
overview-all-decisions = Toutes les décisions
overview-latest-none = Rien n'a encore été décidé sur une application. Ouvrez-en une, et la décision apparaîtra ici.
overview-latest-try = Voir les applications : { $command }
overview-cuts = Coupés récemment
overview-all-cuts = Toutes les coupures
overview-cuts-none = Rien n'a été coupé. Ce qui est coupé parce que ce n'est plus permis apparaît ici, avec le motif.
overview-cuts-try = Mettre fin à ce que quelqu'un a ouvert : { $command }
overview-left-out = Les décisions sur la console et les pages de connexion ne figurent pas ici.
overview-own-count = Les compter aussi
overview-own-counted = Le graphique compte aussi les décisions sur la console et les pages de connexion.
overview-own-leave = Ne pas les compter

chart-caption-day = Décisions sur les applications des dernières 24 heures, par résultat
chart-caption-week = Décisions sur les applications des 7 derniers jours, par résultat
chart-caption-month = Décisions sur les applications des 30 derniers jours, par résultat
chart-show-table = Afficher en tableau
chart-time = Heure (UTC)
chart-sum = Total
chart-number = { $number }
chart-permit = Autorisé
chart-step-up = Connexion renforcée
chart-deny = Refusé
chart-cut = Coupé
chart-said = { $when } UTC : { $what }
chart-said-permit = { $count ->
    [one] { $count } autorisée
   *[other] { $count } autorisées
}
chart-said-step-up = { $count } avec connexion renforcée demandée
chart-said-deny = { $count ->
    [one] { $count } refusée
   *[other] { $count } refusées
}
chart-said-cut = { $count ->
    [one] { $count } coupée
   *[other] { $count } coupées
}
chart-hours = { $day }, { $from }–{ $to }
chart-weekday = { $weekday } { $day }
chart-date = { $day } { $month }
chart-monday = lun.
chart-tuesday = mar.
chart-wednesday = mer.
chart-thursday = jeu.
chart-friday = ven.
chart-saturday = sam.
chart-sunday = dim.
chart-january = janv.
chart-february = févr.
chart-march = mars
chart-april = avr.
chart-may = mai
chart-june = juin
chart-july = juil.
chart-august = août
chart-september = sept.
chart-october = oct.
chart-november = nov.
chart-december = déc.

attention-title = À surveiller
attention-nothing = Rien de ce qui est connu ici ne demande votre attention.
attention-spool-fails = Les preuves ne peuvent pas être écrites sur le disque de cette machine : les requêtes sont donc refusées.
attention-spool-fills = Des preuves attendent sur cette machine et occupent { $percent } % de leur place. Quand elle est pleine, les requêtes sont refusées.
attention-damaged = { $count ->
    [one] Le journal de preuves n'est pas tel qu'il a été signé : { $count } problème a été trouvé.
   *[other] Le journal de preuves n'est pas tel qu'il a été signé : { $count } problèmes ont été trouvés.
}
attention-missed = { $count ->
    [one] { $count } flux a été coupé plus tard qu'il n'aurait dû l'être. C'est un défaut de notre part.
   *[other] { $count } flux ont été coupés plus tard qu'ils n'auraient dû l'être. C'est un défaut de notre part.
}
attention-point-out = { $name } est absent et ne décide plus rien : ses applications sont inaccessibles.
attention-point-away = { $name } ne donne pas de nouvelles.
attention-point-behind = { $name } n'a pas confirmé un changement depuis { $seconds ->
    [one] { $seconds } seconde
   *[other] { $seconds } secondes
}.
attention-point-fills = { $name } garde { $count ->
    [one] { $count } événement que le journal n'a pas encore
   *[other] { $count } événements que le journal n'a pas encore
}.
attention-authority-ends = { $days ->
    [0] Le certificat de l'autorité de ce déploiement expire aujourd'hui.
    [one] Le certificat de l'autorité de ce déploiement expire dans { $days } jour.
   *[other] Le certificat de l'autorité de ce déploiement expire dans { $days } jours.
} Ceux qui lui font confiance doivent recevoir le suivant.
attention-certificate-ends = { $days ->
    [0] Le certificat de { $name } expire aujourd'hui.
    [one] Le certificat de { $name } expire dans { $days } jour.
   *[other] Le certificat de { $name } expire dans { $days } jours.
} Faites-le renouveler ; le nouveau fichier est repris de lui-même.
attention-authority-ended = Le certificat de l'autorité de ce déploiement a expiré.
attention-certificate-ended = Le certificat de { $name } a expiré : les navigateurs refusent ces hôtes.
attention-person = { $name } a essuyé { $recent ->
    [one] un refus
   *[other] { $recent } refus
} ces dernières 24 heures ; { $days ->
    [one] la veille
   *[other] les { $days } jours précédents
}, { $before ->
    [0] aucun
    [one] un seul
   *[other] { $before }
}.
attention-app = { $name } a refusé { $recent ->
    [one] une requête
   *[other] { $recent } requêtes
} ces dernières 24 heures ; { $days ->
    [one] la veille
   *[other] les { $days } jours précédents
}, { $before ->
    [0] aucune
   *[other] { $before }
}.
attention-unindexed = { $count ->
    [one] Les recherches ne trouvent pas la dernière entrée du journal.
   *[other] Les recherches ne trouvent pas les { $count } dernières entrées du journal.
}
attention-see-points = Voir les points
attention-see-denials = Voir les refus
