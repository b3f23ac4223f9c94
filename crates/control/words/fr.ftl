# La console, pour qui administre.

## La barre

place-overview = Vue d’ensemble
place-decisions = Décisions
place-sessions = Sessions
place-access = Carte des accès
place-people = Personnes
place-groups = Groupes
place-apps = Applications
place-clients = Clients
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
list-columns = Colonnes
list-leave-out = Masquer { $name }
list-bring-back = Afficher { $name }
views = Vues que vous gardez
views-keep = Garder cette vue
views-forget-some = Oublier une vue
views-name = Nom
views-forget = Oublier { $name }
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
session-seen = Dernière activité
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

## Protéger une application

protect-app = Protéger une application
protect-title = Protéger une application
protect-title-of = Protéger { $app }
protect-steps = Étapes
protect-step-where = Où est-elle ?
protect-step-who = Qui peut entrer ?
protect-step-what = Que se passerait-il ?
protect-back = Retour
protect-what = Indiquez où se trouve son serveur. Rien n’est créé avant la dernière étape, et revenir en arrière ne perd rien.
protect-server = Adresse de son serveur
protect-server-hint = Là où elle répond aujourd’hui, par exemple http://127.0.0.1:3000 ou https://wiki.internal.
protect-name = Nom
protect-name-hint = Son nom ici, en minuscules. S’il reste vide, il est tiré de l’adresse.
protect-host-hint = Ce que l’on saisit dans le navigateur. S’il reste vide, c’est le nom sous { $domain }.
protect-special = Une particularité de son serveur
protect-special-server = À propos de son serveur
protect-special-hint = La première dit que le réseau qui y mène garde pour lui ce qui passe en clair. La seconde est pour les serveurs qui ne connaissent que leur propre nom, et non l’hôte ci-dessus.
protect-plaintext = http en clair est accepté
protect-own-name = Appelé par son propre nom
protect-ca = Certificats de sa propre autorité
protect-ca-hint = Seulement si cette machine ne fait pas confiance à son certificat : le texte de BEGIN CERTIFICATE à END CERTIFICATE.
protect-look = Regarder le serveur
protect-seen = Ce que l’on en voit
protect-seen-here = Vu depuis cette machine. Aucune redirection n’a été suivie, et rien d’une page n’a été gardé.
protect-seen-elsewhere = Les passerelles d’autres machines le voient peut-être autrement.
protect-next-who = Continuer : qui peut entrer ?
protect-next-anyway = Continuer quand même : qui peut entrer ?
protect-busy = Trop de serveurs sont regardés en ce moment. Regardez de nouveau dans quelques secondes.
protect-long = C’est trop pour une adresse. Laissez les certificats de côté, et ajoutez-les plus tard par un fichier.
protect-no-server = Indiquez où se trouve son serveur.
protect-server-form = Écrivez http:// ou https://, un nom ou une adresse, et un port si ce n’est pas le port habituel ; sans chemin.
protect-name-form = Utilisez 1 à 56 caractères parmi a–z, 0–9, « - », « _ » et « . », en commençant par une lettre ou un chiffre.
protect-name-reserved = « { $name } » est l’un des hôtes propres à ce déploiement. Choisissez un autre nom.
protect-name-taken = Il y a déjà une application « { $name } ». Choisissez un autre nom.
protect-policy-taken = Il y a déjà une politique « { $policy } », et celle qui laisse entrer s’appellerait ainsi. Choisissez un autre nom.
protect-no-host = Indiquez par quel nom on la joint.
protect-host-form = Ce n’est pas un nom d’hôte. Utilisez a–z, 0–9 et « - » séparés par des points, en minuscules, sans https:// ni port.
protect-host-own = « { $host } » appartient au déploiement lui-même. Choisissez un autre hôte.
protect-host-taken = « { $host } » appartient déjà à l’application « { $app } ». Choisissez un autre hôte.
protect-host-other = « { $host } » n’est pas sous { $domain } : il lui faut son propre enregistrement DNS, et un certificat qui le couvre.
protect-ca-form = Ceci ne contient aucun certificat. Collez le texte de BEGIN CERTIFICATE à END CERTIFICATE.
protect-ca-long = Cela fait plus de 4 000 caractères. Laissez-les de côté, et ajoutez-les plus tard par un fichier.
protect-plaintext-refused = Ce que l’on y fait passerait en clair sur le réseau. Utilisez https, ou cochez la première case si ce réseau le garde pour lui.

protect-seen-name = { $host } est { $addresses }.
protect-seen-reached = Quelque chose écoute à { $address }.
protect-seen-public-ca = Son certificat est pour { $names }, émis par { $issuer }, reconnu par cette machine, et valable encore { $ends }.
protect-seen-own-ca = Son certificat est pour { $names }, émis par { $issuer }, reconnu par ce que vous avez collé, et valable encore { $ends }.
protect-seen-answer = Il répond avec le statut { $status }.
protect-seen-answer-of = Il répond avec le statut { $status } et se nomme { $server }.
protect-seen-refuses = Il refuse qui il ne connaît pas, comme beaucoup.
protect-seen-empty = Il n’y a rien sur sa première page. Certains serveurs sont ainsi, d’autres ne sont pas le bon.
protect-seen-wrong-host = Il veut peut-être être appelé par son propre nom : cochez cette case, et regardez de nouveau.
protect-seen-trouble = Il est là, et en difficulté : voyez son propre journal.
protect-seen-sends = Il renvoie vers { $to }.
protect-seen-sends-away = Il envoie tout le monde vers { $to }.
protect-seen-past = C’est un autre hôte, hors de ce déploiement. Il veut peut-être être appelé par son propre nom : cochez cette case, et regardez de nouveau. Ou indiquez-lui son nouveau nom, dans ses propres réglages.
protect-seen-wants-tls = Il veut TLS : écrivez https:// dans son adresse.
protect-seen-password = Il a sa propre connexion : on se connecte d’abord ici, puis là-bas.
protect-stop-name = Personne ne trouve { $host }.
protect-stop-name-help = Corrigez le nom dans le DNS, ou dans /etc/hosts de cette machine.
protect-stop-refused = Rien n’écoute à { $address }.
protect-stop-refused-help = Démarrez le serveur, ou corrigez le port.
protect-stop-unreachable = { $address } ne peut être joint : { $why }.
protect-stop-unreachable-help = Corrigez l’adresse, ou le réseau entre les deux.
protect-stop-no-tls = Ce qui répond à { $address } ne parle pas TLS.
protect-stop-no-tls-help = Écrivez http:// dans son adresse, ou corrigez le port.
protect-stop-authority = Ce que montre { $address } ne peut être vérifié : { $why }.
protect-stop-no-http = Ce qui répond à { $address } n’est pas un serveur web, ou a raccroché : { $why }.
protect-stop-no-http-help = Corrigez le port ; s’il veut TLS, écrivez https://.
protect-stop-late = { $address } n’a pas répondu en 5 secondes.
protect-stop-late-help = Un pare-feu rejette peut-être ce qui y va, ou le serveur est bloqué.
protect-stop-issuer = Son certificat est pour { $names }, et émis par { $issuer }, à qui cette machine ne fait pas confiance.
protect-stop-issuer-help = Collez le certificat de cette autorité sous « Une particularité », ou faites-le émettre par une autorité reconnue.
protect-stop-ended = Son certificat, pour { $names } et émis par { $issuer }, a expiré, ou n’est pas encore valable.
protect-stop-ended-help = Renouvelez-le, et regardez l’heure des deux machines.
protect-stop-names = Son certificat est pour { $names }, émis par { $issuer }, et non pour le nom de l’adresse.
protect-stop-names-help = Écrivez l’un de ces noms dans son adresse.
protect-stop-certificate = Le certificat de { $address } n’est pas accepté : { $why }.
protect-stop-certificate-help = Faites-en émettre un autre.

protect-who = Sans une politique qui laisse entrer, personne n’ouvre { $app }. Cette étape en crée une.
protect-whom = Qui peut entrer
protect-whom-new = Un nouveau groupe, nommé ci-dessous
protect-whom-everybody = Quiconque se connecte
protect-whom-group = { $count ->
    [one] Groupe { $group } ({ $count } personne)
   *[other] Groupe { $group } ({ $count } personnes)
}
protect-group = Nom du nouveau groupe
protect-members = Qui en fait partie
protect-members-are = Par exemple { $logins }.
protect-members-hint = Identifiants de personnes, ou noms de groupes, séparés par des espaces.
protect-asks = Leur connexion
protect-asks-strong = Avec deux facteurs
protect-asks-today = Avec deux facteurs, dans les 8 dernières heures
protect-asks-any = N’importe laquelle
protect-next-what = Continuer : que se passerait-il ?
protect-no-whom = Choisissez qui peut entrer.
protect-group-form = Utilisez 1 à 63 caractères parmi a–z, 0–9, « - », « _ » et « . », en commençant par une lettre ou un chiffre.
protect-group-taken = Il y a déjà un groupe « { $name } ». Choisissez-le ci-dessus, ou un autre nom.
protect-no-members = Nommez au moins une personne ou un groupe.
protect-many-members = Cela fait plus de 50. Créez le groupe par un fichier.
protect-no-member = Il n’y a ni personne ni groupe « { $name } ». Invitez d’abord, sous « Personnes ».
protect-both = « { $name } » est à la fois une personne et un groupe : écrivez « user:{ $name } » ou « group:{ $name } ».
protect-reason-everybody = Quiconque se connecte peut ouvrir { $app }
protect-reason-group = Le groupe { $group } peut ouvrir { $app }
protect-reason-strong = , après une connexion forte
protect-reason-today = , après une connexion forte des 8 dernières heures

protect-make = Protéger { $app }
protect-refused = Ceci ne peut être créé tel quel.
protect-nobody = Personne n’entrerait encore dans { $app } : ce groupe est vide, ou tous ses membres sont désactivés.
protect-enter = { $count ->
    [one] { $count } personne sur { $all } entrerait dans { $app }, tout juste connectée. Les autres sont refusées.
   *[other] { $count } personnes sur { $all } entreraient dans { $app }, tout juste connectées. Les autres sont refusées.
}
protect-enter-many = Au-delà de 5 000 personnes, on ne compte pas qui entrerait dans { $app }. La carte des accès le dit ensuite.
protect-reached = Comment on la joint
protect-opened-at = On ouvre
protect-name-leads = Son nom
protect-certificate = Son certificat
protect-leads-unseen = Pas vérifié récemment. Revenez regarder le serveur pour le savoir.
protect-leads-local = { $host } mène chaque navigateur à sa propre machine, sans DNS.
protect-leads-here = { $host } mène à cette machine.
protect-leads-away = { $host } mène à { $addresses }, qui n’est pas une adresse de cette machine. C’est juste si quelque chose devant transmet, ou si une autre passerelle la sert.
protect-leads-nowhere = { $host } ne mène encore nulle part. Ajoutez au DNS un enregistrement qui mène à cette machine.
protect-certified-supplied = des fichiers de la configuration
protect-certified-own = de l’autorité propre au déploiement, automatiquement
protect-certified-public = de { $authority }, dès que son nom mène ici
protect-made = Ce qui est créé
protect-created = Nouveau : { $names }.
protect-same = La même chose par commande
protect-same-how = Mettez ceci dans un dossier, et appliquez-le. Le bouton ci-dessus ne fait rien de plus.
protect-done = { $app } est protégée depuis la révision { $revision }.
protect-everywhere = Toutes les passerelles la connaissent.
protect-not-everywhere = Toutes les passerelles ne la connaissent pas encore. D’ici là, elles refusent.
protect-open = On l’ouvre à l’adresse { $url }
protect-try = L’essayer en tant que quelqu’un
protect-try-how = Ce qui serait décidé maintenant si cette personne ouvrait la première page. Rien n’est ouvert, et rien n’est modifié.
protect-try-session = Décidé comme sous sa connexion la plus récente.
protect-try-assumed = Cette personne n’est pas connectée : une connexion forte de cet instant est supposée.
protect-try-verb = Essayer
protect-try-title = Essayer { $app } en tant que quelqu’un
protect-try-missing = n’est pas rempli : { $condition }, trouvé { $value }
protect-try-no-way = Rien de ce que cette personne peut faire n’y change quelque chose.
protect-to-app = Vers { $app }

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
access-services = les programmes qui agissent pour eux-mêmes
access-anybody = n’importe qui
access-strangers = qui n’est pas connecté
access-all-apps = toutes les applications
access-all-clients = tous les clients
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

## Premiers pas

start-title = Premiers pas
start-so-far = { $done } sur { $all } sont faits.
start-go-on = Le reste se fait dans n’importe quel ordre, ou plus tard. Chaque étape montre la commande qui fait la même chose.
start-over = Tout ce que vous vouliez est fait. Voici où en sont les choses.
start-by-command = Par commande :
start-done = Fait
start-next = À suivre
start-open = Ouvert
start-later = Remis à plus tard
start-leave = Remettre à plus tard : { $step }
start-take-up = Reprendre : { $step }
start-sign-in = Votre connexion
start-domain = Noms et certificats
start-app = La première application
start-second = Une deuxième personne
start-denial = Un refus, expliqué
start-you-are = Vous vous connectez comme { $login }, avec un mot de passe et une application d’authentification. Les codes de récupération sont pour le jour où le téléphone a disparu.
start-password = Mot de passe depuis
start-authenticator = Authentificateur depuis
start-passkeys = Clés d’accès
start-passkeys-count = { $count ->
    [0] Aucune
   *[other] { $count }
}
start-codes = Codes de récupération
start-codes-left = { $count ->
    [one] encore { $count }
   *[other] encore { $count }
}
start-no-factors = On ne sait rien de votre façon de vous connecter.
start-to-account = Aller à votre compte
start-trust = Les navigateurs se méfient des certificats de l’autorité propre tant qu’ils ne la connaissent pas : faites reconnaître { $file } sur les machines de vos collègues. Son certificat
start-certificate = Son certificat vient { $from }.
start-app-none = Aucune application n’est encore protégée. Il vous faut l’adresse où elle répond aujourd’hui.
start-app-there = { $app } est protégée, et s’ouvre à l’adresse { $url }
start-second-none = Vous êtes encore seul ici. Invitez quelqu’un, pour voir ce que voient les autres.
start-second-there = { $name } peut aussi se connecter. Essayez d’abord ce que cette personne peut ouvrir.
start-denial-none = Aucune application n’a encore été refusée à une personne connectée. Ouvrez-en une comme quelqu’un qui n’en a pas le droit, et la raison sera ici.
start-to-denial = Voir pourquoi
start-first = Rien n’est encore protégé
start-first-how = Quelques étapes mènent d’ici à une application où certains entrent, et où les autres apprennent pourquoi ils n’entrent pas.
start-begin = Commencer
start-still-open = { $count ->
    [one] Premiers pas : { $count } reste ouvert
   *[other] Premiers pas : { $count } restent ouverts
}

## Sur beaucoup de pages : ce qui était voulu, pourquoi cela est refusé, combien de temps

to-do = { $action ->
    [http-read] lire { $resource }
    [http-write] écrire dans { $resource }
    [token-issue] obtenir un jeton pour { $resource }
    [admin-read] voir, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
    [admin-write] modifier, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
   *[other] { $verb } : { $resource }
}
together = { $some } et { $last }
length-less = moins d’une seconde
length-seconds = { $count ->
    [one] { $count } seconde
   *[other] { $count } secondes
}
length-minutes = { $count ->
    [one] { $count } minute
   *[other] { $count } minutes
}
length-hours = { $count ->
    [one] { $count } heure
   *[other] { $count } heures
}
length-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
took-millis = { $millis } ms
took-seconds = { $whole },{ $tenths } s
reason-sign-in-required = personne n’est connecté
reason-session-ended = la connexion est terminée
reason-step-up-required = une connexion plus forte ou plus récente est exigée
reason-denied-by-policy = aucune politique ne le permet, ou l’une d’elles l’interdit
reason-subject-disabled = le compte est désactivé
reason-risk-too-high = le compte a une activité inhabituelle
reason-device-not-trusted = l’appareil n’est pas en règle
reason-evidence-unavailable = rien ne peut être enregistré
reason-lease-expired = la passerelle est coupée de son plan de contrôle
reason-overloaded = trop de choses sont en cours
refused-sign-in-required = Connectez-vous pour ouvrir ceci
refused-session-ended = Votre connexion est terminée
refused-step-up-required = Ceci demande une connexion renforcée
refused-denied-by-policy = Vous n’avez pas accès à ceci
refused-subject-disabled = Ce compte est désactivé
refused-risk-too-high = L’accès est suspendu pour ce compte
refused-device-not-trusted = Cet appareil ne peut pas ouvrir ceci
refused-evidence-unavailable = L’accès est suspendu : rien ne peut être enregistré
refused-lease-expired = L’accès est suspendu : cette passerelle est coupée de son plan de contrôle
refused-overloaded = Trop de choses sont en cours

## La liste des décisions

live-on = En direct : ce qui arrive apparaît ici
live-stale = Personne n’a répondu depuis { $time } ; ce qui est ici est plus ancien
live-stop = Arrêter
live-start = Suivre ce qui arrive
decisions-person-is = La personne est
decisions-app-is = L’application est
decisions-outcome-is = Le résultat est
decisions-reason-is = Le motif est
decisions-request-is = La requête est
decisions-since = Depuis (24h, 7d, un moment)
decisions-until = Jusqu’à
decisions-hosts-are = Les hôtes sont
decisions-hosts-apps = les applications seules
decisions-hosts-all = tous, la console aussi
decisions-at-most = Au plus
decisions-permitted = autorisé
decisions-denied = refusé
decisions-cut = coupé
decisions-no-request = Ceci n’est pas le numéro d’une requête.
decisions-no-time = Écrivez 24h, 7d ou 2026-01-31T09:00:00Z.
decisions-outcome = Résultat
decisions-wanted = Voulait
decisions-when = Quand
decisions-request = Requête
decisions-forbids = { $policy } l’interdit
decisions-permits = { $policy } le permet
decisions-nobody = Personne de connecté
decisions-none = Aucune décision sur une application n’est encore enregistrée. Chaque requête vers une application en laisse une ici.
decisions-none-try = Interrogez l’une des applications de la démonstration : { $command } dit ce qui serait décidé.
decisions-none-like = Aucune décision ne correspond. Élargissez la période, ou { $clear }.
decisions-clear-filter = réinitialisez le filtre
decisions-not-searched = Corrigez ce qui est signalé ci-dessus ; aucune recherche n’a été faite.
decisions-count = { $count ->
    [one] { $count } décision, la plus récente d’abord.
   *[other] { $count } décisions, les plus récentes d’abord.
}
decisions-more = Il peut y en avoir d’autres : réduisez la période, ou affichez-en plus à la fois.
decisions-left-out = La console et les pages de connexion sont laissées de côté.

## Une décision

decision-of-request = requête
decision-was-cut = Coupé { $when }.
decision-was-cut-because = Coupé { $when } : { $reason }.
decision-no-remedy = La personne elle-même n’y peut rien. Il faut une modification par un administrateur : ce qui fait obstacle est signalé.
decision-policies = Ce que disent les politiques
decision-asked = Ce qui était demandé
decision-asker = Qui demandait, à ce moment-là
decision-proof = Preuve
decision-stranger = quelqu’un qui n’est pas connecté
decision-may = { $action ->
    [http-read] { $name } peut lire { $resource }
    [http-write] { $name } peut écrire dans { $resource }
    [token-issue] { $name } peut obtenir un jeton pour { $resource }
    [admin-read] { $name } peut voir, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
    [admin-write] { $name } peut modifier, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
   *[other] { $name } peut faire « { $verb } » sur { $resource }
}
decision-may-not = { $action ->
    [http-read] { $name } ne peut pas lire { $resource }
    [http-write] { $name } ne peut pas écrire dans { $resource }
    [token-issue] { $name } ne peut pas obtenir de jeton pour { $resource }
    [admin-read] { $name } ne peut pas voir, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
    [admin-write] { $name } ne peut pas modifier, dans l’administration, { $resource ->
        [objects] les objets
        [people] les personnes
        [sessions] les sessions
        [log] le journal
       *[other] { $resource }
    }
   *[other] { $name } ne peut pas faire « { $verb } » sur { $resource }
}
decision-yes = Autorisé : { $may } : { $why }.
decision-yes-only = Autorisé : { $may }.
decision-no = Refusé : { $may } : { $why }.
decision-not-yet = Pas encore : { $may } : { $why }.
decision-permitted-by = { $count ->
    [one] la politique { $policies } le permet
   *[other] les politiques { $policies } le permettent
}
decision-forbidden-by = { $count ->
    [one] la politique { $policies } l’interdit
   *[other] les politiques { $policies } l’interdisent
}
decision-nearest-misses = { $count ->
    [one] aucune politique ne le permet ; une condition de { $policy } n’est pas remplie
   *[other] aucune politique ne le permet ; { $count } conditions de { $policy }, la plus proche, ne sont pas remplies
}
decision-about-nothing = aucune politique n’en traite
decision-wants-stronger = la politique { $policy } exige une connexion plus forte ou plus récente
decision-remedies = Ce qui le permettrait
decision-smallest-change = Plus petit changement
decision-tried = Chacun a été essayé sur ce qui était connu alors, et change la réponse.
way-sign-in = Se connecter
way-sign-in-again = Se reconnecter
way-confirm = Confirmer son identité avec un second facteur
way-sign-in-strongly = Se reconnecter avec un second facteur
way-mend-device = Remettre cet appareil en règle
way-enrol-device = Inscrire cet appareil
way-switch-account = Utiliser un autre compte
way-await-review = Attendre que l’activité inhabituelle de ce compte ait été examinée
way-await-time = Attendre jusqu’au { $time }
way-with-advice = { $way }. { $advice }
decision-none-asked = Aucune politique n’a été consultée : c’était clair avant cela.
decision-none-about = Aucune politique n’en traite. Sans une qui le permette, tout est refusé.
decision-write-one = Écrivez-en une, puis { $command }.
decision-further = { $count ->
    [one] { $count } politique plus éloignée
   *[other] { $count } politiques plus éloignées
}
decision-permits-this = Permet ceci
decision-forbids-this = Interdit ceci
decision-would-permit = Permettrait, ne s’applique pas
decision-would-forbid = Interdirait, ne s’applique pas
decision-smallest-is = Plus petit changement : { $way }.
decision-smallest-alone = Plus petit changement : cela seul manque.
decision-missing-too = Manque aussi.
decision-one-missing = { $count ->
    [one] { $count } manque.
   *[other] L’une des { $count } qui manquent.
}
decision-in-the-way = Fait obstacle : devrait cesser.
decision-nearest = La plus proche d’un oui
decision-holds = Remplie
decision-fails = Non remplie
decision-met = trouvé : { $value }
decision-no-conditions = Elle n’a pas de conditions : elle traite de tout.
decision-wanted = Voulu
decision-on = { $action } sur { $kind } { $resource }
decision-from = De
decision-with = Avec
decision-revision = Révision
decision-sign-in = Connexion
decision-no-sign-in = aucune
decision-sign-in-gone = ce qu’on en savait n’est plus conservé
decision-signed-in-by = { $level ->
    [strong] forte, par { $methods }
    [basic] simple, par { $methods }
   *[other] { $level }, par { $methods }
}
decision-signed-in = Connecté
decision-before = { $length } avant
decision-factor = Second facteur
decision-no-factor = aucun
decision-session = Session
decision-device = Appareil
decision-in-order = en règle
decision-not-in-order = pas en règle
decision-managed = géré
decision-no-device = aucun qui soit inscrit
decision-risk = Risque
decision-risk-of = { $risk } sur 100
decision-entry = Entrée du journal
decision-event = Événement
decision-decision = Décision
decision-prove = Le prouver
decision-checkpoint = Le point de contrôle signé du journal

## Les sessions, et comment y mettre fin

live-streams = { $count ->
    [one] { $count } flux ouvert
   *[other] { $count } flux ouverts
}
sessions-you = Vous, ici
sessions-none = Personne n’est connecté. Chaque connexion figure ici jusqu’à sa fin.
sessions-none-try = Faire entrer quelqu’un : { $command }
sessions-count = { $sessions ->
    [one] { $sessions } connexion
   *[other] { $sessions } connexions
} de { $people ->
    [one] { $people } personne
   *[other] { $people } personnes
}.
sessions-ending = Mettre fin à l’une ferme aussitôt tout ce qu’elle a d’ouvert ; la personne peut se reconnecter.
session-of = La connexion de { $name }
session-until = Finit sans usage dans
session-id = Connexion
session-open = Ouvert en ce moment
session-open-what = Ouvert vers
session-received = Reçu
session-sent = Envoyé
session-nothing-open = Rien n’est ouvert. Ce qui est demandé et répondu est aussitôt fini ; les flux et les téléchargements sont ici tant qu’ils durent.
session-open-elsewhere = { $count ->
    [one] { $count } autre est ouvert sur une passerelle d’une autre machine.
   *[other] { $count } autres sont ouverts sur des passerelles d’autres machines.
}
amount-bytes = { $count ->
    [one] { $count } octet
   *[other] { $count } octets
}
amount-kib = { $whole },{ $tenths } Kio
amount-mib = { $whole },{ $tenths } Mio
amount-gib = { $whole },{ $tenths } Gio
end-one = Mettre fin à la connexion
end-one-of = Mettre fin à la connexion de { $name }
end-all = Mettre fin aux { $count } connexions
end-all-of = Mettre fin aux { $count } connexions de { $name }
end-live = { $live ->
    [one] Mettre fin à { $live } flux ouvert
   *[other] Mettre fin à { $live } flux ouverts
}
end-live-of = { $live ->
    [one] Mettre fin à { $live } flux ouvert de { $name }
   *[other] Mettre fin à { $live } flux ouverts de { $name }
}
end-question = { $verb } ?
end-sign-in = { $live ->
    [one] Une connexion par { $methods }, commencée { $began }, vue pour la dernière fois { $seen }, avec { $live } flux ouvert
   *[other] Une connexion par { $methods }, commencée { $began }, vue pour la dernière fois { $seen }, avec { $live } flux ouverts
}
end-nothing-open = Rien n’en est ouvert en ce moment.
end-stops = Les requêtes, les flux et les téléchargements en cours s’arrêtent avant la fin.
end-next = La prochaine requête demande une nouvelle connexion.
end-own = C’est votre propre connexion : vous êtes déconnecté, et cette page avec vous.
end-done = { $name } : { $count ->
    [one] { $count } connexion terminée
   *[other] toutes les connexions terminées
} ; { $cut ->
    [one] { $cut } flux coupé en { $took }.
   *[other] { $cut } flux coupés en { $took }.
}

## Une politique

policy-text = Texte
policy-text-of = Texte de la politique
policy-edit = Modifier
policy-gone = Cette politique est supprimée. Revenez ci-dessous à une révision antérieure, s’il faut la rétablir.
policy-cedar = Texte en Cedar
policy-cedar-hint = Les personnes par identifiant. Gardez @id : c’est le nom de la politique.
policy-save = Enregistrer
policy-check = Vérifier seulement
policy-found = Ce qui a été trouvé
policy-better = Elle est en règle, et pourrait être meilleure
policy-not-saved = { $count ->
    [one] Pas enregistrée : { $count } erreur
   *[other] Pas enregistrée : { $count } erreurs
}
policy-sound = Elle est en règle. Rien n’est encore enregistré.
policy-sound-same = Elle est en règle, et la même qu’avant.
policy-same = Elle est la même qu’avant, rien n’a donc été enregistré.
policy-saved = { $cut ->
    [one] Enregistrée sous la révision { $revision } ; { $cut } flux coupé.
   *[other] Enregistrée sous la révision { $revision } ; { $cut } flux coupés.
}
policy-other = c’est une autre politique, `{ $id }`
policy-other-help = gardez `@id("{ $id }")` ; ajoutez-en d’autres avec `bartizan apply`
policy-empty = il n’y a pas de politique dans ce texte
policy-empty-help = supprimez-la avec `bartizan delete policy NAME`, si c’est ce que vous voulez
policy-in-order = C’est en ordre.
policy-mistakes = { $count ->
    [one] { $count } erreur
   *[other] { $count } erreurs
}
policy-place = Ligne { $line }, colonne { $column }
policy-new = Nouvelle politique
policy-create = La créer

## Two who change one policy

clash = Quelqu’un l’a modifiée pendant que vous écriviez
clash-changed = { $author } en a fait la révision { $revision }, { $when }. Rien de vous n’a été enregistré.
clash-deleted = { $author } l’a supprimée à la révision { $revision }, { $when }. Rien de vous n’a été enregistré.
clash-ways = Votre texte est dans l’éditeur ci-dessous. Reprenez ce que vous voulez garder de l’autre et enregistrez, ou laissez-la telle quelle.
clash-theirs = Ce qui a changé entre-temps
clash-mine = Ce que vous avez changé
clash-over = Ce que votre enregistrement changerait maintenant
clash-save = Enregistrer le mien par-dessus

## What is asked about a policy before it is saved

try = Essayer
try-what = Comment une requête serait décidée, maintenant et avec ce texte. Rien n’est enregistré.
try-person = Personne, par identifiant
try-method = Méthode
try-path = Chemin
try-verb = Demander
try-now = Maintenant
try-then = Avec ce texte
try-turns = La réponse serait autre.
try-stays = La réponse reste la même.
try-by = Elle reposerait sur { $policies }.
try-no-say = Cette politique n’a rien à y dire.
try-method-wrong = Une méthode est un mot de lettres, comme GET ou POST.
try-path-wrong = Un chemin commence par une barre oblique et a 2048 caractères au plus.
try-no-app = Il n’y a aucune application à demander. Ajoutez-en une d’abord.
try-tests = Tests de la politique
try-cases = Tests, tels qu’ils sont dans les fichiers
try-tests-hint = Chaque [[case]] nomme une application et attend « permit » ou « deny ». Ils portent sur les personnes et applications existantes ; rien n’est gardé.
try-run = Lancer les tests
try-unread = Les tests ne sont pas en ordre, aucun n’a été lancé.
try-passed = { $count ->
    [one] { $count } test réussi.
   *[other] Les { $count } tests ont réussi.
}
try-failed = { $failed ->
    [one] { $failed } test sur { $count } a échoué.
   *[other] Échec de { $failed } tests sur { $count }.
}
try-as-expected = Comme attendu :
try-too-many = il y a plus de { $count } tests, ou plus de 64 Kio
effect = Qui gagne ou perd l’accès
effect-none = Personne : chacun entre dans les mêmes applications qu’avant.
effect-too-many = Il y a trop de personnes et d’applications pour demander chacune. Après l’enregistrement, la carte des accès montre une application à la fois.
effect-gain = { $count ->
    [one] { $count } personne obtient { $app } :
   *[other] { $count } personnes obtiennent { $app } :
}
effect-lose = { $count ->
    [one] { $count } personne perd { $app } :
   *[other] { $count } personnes perdent { $app } :
}
effect-more = et { $count } de plus
effect-supposed = Comme si chacun venait de se connecter fortement d’où vous êtes, sans appareil connu, pour lire la première page.

## A new policy

new-what = Rien n’est enregistré avant que vous ayez vu le texte et ce qu’il ferait.
new-name = Nom
new-name-hint = 1 à 63 caractères parmi a-z, 0-9, « - », « _ » et « . », par exemple payroll-finance.
new-name-wrong = Ce n’est pas un nom : il commence par une lettre ou un chiffre et n’a que les caractères ci-dessous.
new-name-taken = Il y a déjà une politique { $name }. Choisissez un autre nom.
new-template = Ce dont elle part
new-group = Groupe
new-on = Continuer vers le texte
new-open = Un groupe peut ouvrir une application
new-open-reason = Tous les membres de { $group } peuvent ouvrir { $app }
new-strong = … après une connexion forte du jour, tant que le comportement est habituel
new-strong-reason = { $group } peut ouvrir { $app } après une connexion forte, tant que le compte se comporte comme d’habitude
new-device = … depuis un appareil inscrit et en ordre
new-device-reason = { $group } peut ouvrir { $app } depuis des appareils en ordre
new-read = … pour lire, sans rien modifier
new-read-reason = { $group } peut lire { $app }
new-hours = … en semaine de 7 h à 19 h UTC
new-hours-reason = { $group } peut ouvrir { $app } aux heures de travail
new-never = Un groupe ne peut jamais ouvrir une application, quoi qu’autorise le reste
new-never-reason = Personne de { $group } n’ouvre { $app }, quels que soient ses groupes

## Les points sur d’autres machines

points-point = Point
points-lag = Retard
points-lease = Délai
points-spool = Tampon
points-release = Version
points-change = Modifier
points-none = Aucune passerelle d’une autre machine ne s’est jointe. Celle qui l’a fait est un point d’application : elle sert les applications là où elles sont, décide selon ce que le plan de contrôle lui dit, et figure ici avec son état.
points-none-try = Faites-en joindre une ici, ou avec ce que ceci affiche : { $command }
points-what = Les passerelles d’autres machines. Celle de cette machine n’en fait pas partie.
points-let-join = Faire joindre une passerelle
points-columns = Le retard est le temps depuis lequel attend le plus ancien changement qu’un point n’a pas confirmé ; le délai, le temps pendant lequel il décide encore s’il n’entend plus rien ; le tampon, le nombre d’événements qui y attendent le journal.
points-not-listening = Le plan de contrôle n’écoute aucun point : aucun ne peut se joindre, ni donner de nouvelles. Mettez ceci dans { $file }, et redémarrez le plan de contrôle :
points-joined = joint { $when }
points-every-app = toutes les applications
points-missing = { $count } de retard
points-control = contrôle : { $release }
points-remove = Retirer
points-on-others = { $count ->
    [one] { $count } point sur d’autres machines
   *[other] { $count } points sur d’autres machines
}
points-up-to-date = { $count } à jour
points-behind = { $count } en retard
points-away = { $count ->
    [one] { $count } absent
   *[other] { $count } absents
}
standing-up-to-date = À jour
standing-behind = En retard
standing-behind-for = depuis { $length }
standing-away = Absent
standing-decides-for = décide encore { $left } au plus
standing-decides-nothing = ne décide rien
standing-unheard = sans nouvelles depuis le démarrage
remove-nothing = Rien ne serait coupé : pour autant que le plan de contrôle le sache, rien n’y est ouvert.
remove-ends = { $count ->
    [one] { $streams } y prendrait fin avec son délai.
   *[other] { $streams } y prendraient fin avec son délai.
}
remove-cuts = { $count ->
    [one] { $streams } y serait coupé aussitôt : requêtes, flux et téléchargements s’arrêtent avant la fin.
   *[other] { $streams } y seraient coupés aussitôt : requêtes, flux et téléchargements s’arrêtent avant la fin.
}
remove-refuses = Qui est envoyé vers cette machine est refusé, jusqu’à ce que les noms de ses applications mènent ailleurs.
remove-keys = Son certificat et les clés avec lesquelles il signait ne servent plus à rien. Il ne peut pas revenir avec ce qu’il a : pour le ravoir, faites-le joindre de nouveau, avec un autre dossier.
remove-away = Il est absent et ne peut pas être prévenu ; la réponse attend donc la fin de son délai : { $wait } au plus.
remove-unheard = Il n’a pas donné de nouvelles depuis le démarrage du plan de contrôle. Si celui-ci vient de démarrer, le point décide peut-être encore jusqu’à la fin de son délai.
remove-title = Retirer { $name } ?
remove-verb = Retirer { $name }
remove-verb-cut = { $count ->
    [one] Retirer { $name } et couper { $count } flux ouvert
   *[other] Retirer { $name } et couper { $count } flux ouverts
}
remove-done = { $count ->
    [0] { $name } est retiré ; rien n’y était ouvert. C’était effectif là-bas après { $took }.
    [one] { $name } est retiré ; { $count } flux ouvert y a pris fin. C’était effectif là-bas après { $took }.
   *[other] { $name } est retiré ; { $count } flux ouverts y ont pris fin. C’était effectif là-bas après { $took }.
}

## Faire joindre une passerelle

join-title = Faire joindre une passerelle
join-back = Retour aux points
join-what = Crée un jeton avec lequel une machine devient, une fois, une passerelle de ce déploiement.
join-name = Nom
join-name-hint = Le nom du point ici. Laissé vide, ce sera gateway-1, gateway-2 et ainsi de suite.
join-apps = Applications qu’il sert
join-apps-hint = Aucune cochée : toutes les applications qui ont un serveur, au fil de leurs arrivées et départs. Un point n’apprend que ses propres applications, et ce qu’il sert ne change pas ensuite.
join-no-apps = Aucune application n’a encore de serveur. Le point servira toutes les applications, au fil de leurs arrivées et départs.
join-good-for = Le jeton est valable
join-make = Créer un jeton
join-made-title = Un jeton pour { $name }
join-made-for-all = Avec ce jeton, une machine devient la passerelle { $name }, pour toutes les applications qui ont un serveur.
join-made-for = Avec ce jeton, une machine devient la passerelle { $name }, pour { $apps }.
join-works-once = Il est valable une fois, jusqu’à { $until } (encore { $left }), et n’est plus affiché ensuite.
join-bring = 1. Portez-le sur l’autre machine
join-bring-how = Exécutez ceci là-bas, collez le jeton, et terminez par Entrée et Ctrl-D. Il est alors dans un fichier que personne d’autre ne peut lire.
join-start = 2. Démarrez-y la passerelle
join-later = Ensuite, elle démarre sans { $option }, et le fichier peut disparaître.
join-send = 3. Envoyez-y les gens
join-send-how = Faites pointer les noms de ses applications vers cette machine. Elle figure parmi les { $points } dès qu’elle s’est jointe.
join-among-points = points

## Refus et pannes

failure-console = Console
failure-remedies = Ce qui y remédie
failure-to-overview = Aller à la vue d’ensemble
failure-back = Revenez là où vous étiez, ou { $overview }.
failure-open-overview = ouvrez la vue d’ensemble
failure-mend = Revenez en arrière et corrigez ce qui est nommé ici ; ce que vous avez saisi est toujours là. Rien n’a été modifié.
failure-reason = Motif
failure-denied = { $title }. Un administrateur en apprend davantage avec { $command }.
failure-no-page = Cette page n’existe pas
failure-no-page-why = Il n’y a rien à cette adresse.
failure-cross-site = Ceci ne vient pas d’une page de la console
failure-no-proof = Une modification par cookie demande le jeton de la session, dans le champ « csrf » du formulaire ou dans l’en-tête « Bartizan-Csrf ». Rien n’a été modifié. Ouvrez de nouveau la page et envoyez-la depuis là.
failure-wrong-proof = Le jeton est d’une autre connexion que celle qui l’a envoyé : celle de quelqu’un d’autre, ou une qui est terminée. Rien n’a été modifié. Ouvrez de nouveau la page et envoyez-la depuis là.
failure-form-too-long = Le formulaire dépasse 512 Kio, il n’a donc pas été lu. Rien n’a été modifié.
failure-not-found = Cela n’existe pas
failure-missing = { $what ->
    [request-or-decision] Il n’y a pas de requête ni de décision « { $name } ».
    [revision-of-it] Il n’en existe pas de révision « { $name } ».
    [user] Il n’y a personne du nom de « { $name } ».
    [session] Il n’y a pas de session « { $name } ».
    [app] Il n’y a pas d’application « { $name } ».
    [group] Il n’y a pas de groupe « { $name } ».
    [policy] Il n’y a pas de politique « { $name } ».
    [point] Il n’y a pas de point d’application « { $name } ».
   *[other] Cela n’existe pas : { $what } « { $name } ».
}
failure-invalid = Ceci n’est pas en règle
failure-lockout = Cela exclurait tout le monde
failure-too-large = C’est trop grand
failure-too-large-why = Ce qui a été envoyé dépasse 1 Mio : appliquez-le en plusieurs parties.
failure-conflict = Quelqu’un d’autre l’a modifié
failure-conflict-why = « { $name } » a été modifié entre-temps par quelqu’un d’autre. Regardez-le tel qu’il est maintenant, et modifiez-le de nouveau.
failure-name-taken = Ce nom est pris
failure-name-taken-why = Une autre personne a déjà l’identifiant « { $name } ».
failure-no-session = Cette session n’existe pas
failure-no-session-why = Cette session n’existe pas.
failure-store = Le stockage ne répond pas
failure-behind-why = Le journal des modifications ne peut pas être suivi en ce moment, rien ne peut donc être modifié sans risque : réessayez.
failure-unrecorded = Rien ne peut être enregistré
failure-unrecorded-why = Ce qui a été demandé ne peut pas être enregistré, ce n’a donc pas été fait.
failure-busy = Il y a trop à faire
failure-busy-why = Trop de connexions à la fois : réessayez dans un instant.
failure-internal = Quelque chose est cassé ici

## Ce qu’il a fallu supposer pour expliquer une décision

note-recorded-because = il a été enregistré alors « { $outcome } » ({ $reason }) ; ce sur quoi reposait la décision n’est plus entièrement là
note-recorded = il a été enregistré alors « { $outcome } » ; ce sur quoi reposait la décision n’est plus entièrement là
note-sealed = le chemin et l’adresse étaient scellés pour une personne qui a été effacée
note-not-kept = ce qu’on savait alors { $kind ->
    [user] de la personne
    [session] de la session
    [device] de l’appareil
    [app] de l’application
    [risk] du risque
   *[other] de { $kind }
} n’est plus conservé

## The portal: what a person may open, and what they did

portal-apps = Vos applications
portal-sign-out = Se déconnecter
portal-no-apps = Il n’y a aucune application que vous puissiez ouvrir. Demandez l’accès à votre administrateur.
portal-none-like = Aucune de vos applications ne s’appelle ainsi.
portal-more = Il y en a d’autres. Cherchez celle que vous voulez.
portal-find = Chercher une application
portal-asks-again = Demande une connexion plus récente ou plus forte
portal-administration = Administration
activity = Votre activité récente
activity-not-you = Ceci a été fait en votre nom. Si quelque chose ne vient pas de vous, { $end } et prévenez votre administrateur.
activity-end-it = mettez fin à cette connexion
activity-none = Rien n’a encore été fait en votre nom.
activity-times = { $count ->
    [one] { $count } fois
   *[other] { $count } fois
}
activity-earlier = Plus ancien
activity-newest = Plus récent
deed-used = Vous avez utilisé { $app }
deed-token = Vous avez créé un jeton pour { $app }
deed-asked-again = { $app } a demandé une connexion plus récente ou plus forte
deed-denied = { $app } ne s’est pas ouverte
deed-cut = { $app } a été fermée pendant que vous l’utilisiez
deed-signed-in = Vous vous êtes connecté
deed-signed-out = Vous vous êtes déconnecté
deed-revoked = Un administrateur a mis fin à l’une de vos connexions
deed-over = L’une de vos connexions a expiré
deed-wrong-password = Un mot de passe erroné a été saisi
deed-wrong-code = Un code erroné ou déjà utilisé a été saisi
deed-too-many = Trop de tentatives erronées, leur auteur a dû attendre
deed-set-up = Vous avez configuré votre compte
deed-recovery-code = Un code de récupération a été utilisé
deed-link = Un lien de connexion a été utilisé
deed-wrong-passkey = Une clé d’accès n’a pas été acceptée
deed-passkey-added = Une clé d’accès a été ajoutée à votre compte
deed-passkey-removed = Une clé d’accès a été supprimée de votre compte
deed-ended-by-change = L’une de vos connexions a pris fin, car vos moyens de connexion ont changé
deed-ended-at-provider = L’une de vos connexions a pris fin chez le fournisseur où vous vous êtes connecté
deed-password-set = Le mot de passe de votre compte a été défini
deed-password-removed = Le mot de passe a été supprimé de votre compte
deed-app-added = Une application d’authentification a été configurée pour votre compte
deed-app-removed = L’application d’authentification a été supprimée de votre compte
deed-provider-linked = Votre compte a été relié à une connexion chez un fournisseur
deed-provider-unlinked = Votre compte a été dissocié d’une connexion chez un fournisseur
deed-codes-new = De nouveaux codes de récupération ont été créés pour votre compte

# Clients
client = Client
client-answered-at = Reçoit les réponses à
client-proves = Prouve son identité
client-state = État
client-by-secret = par un secret
client-by-key = par sa propre clé
client-by-others = par un jeton qu’un autre lui donne
client-trusts = Jetons acceptés de
client-by-nothing = pas du tout : il s’exécute sur les appareils des personnes
client-no-secret = pas encore de secret
client-disabled = désactivé
client-enabled = en service
client-built-in = intégré
client-gone = Ce client est supprimé. Rétablissez-le ci-dessous s’il est de nouveau voulu.
client-policies = Règles qui le concernent
client-policies-none = Aucune règle ne le concerne : personne ne peut s’y connecter.
client-issuer = Émetteur (issuer)
client-id = ID du client
client-new-secret = Créer un nouveau secret
client-told-at = Informé des déconnexions à
client-scopes = Peut demander
client-signed = Les jetons d’identité sont signés avec
client-exchanges = Échange les jetons de
client-audiences = Pour les serveurs à
client-consent = Consentement
client-consent-asked = Les personnes sont consultées avant qu’il n’apprenne quoi que ce soit sur elles
client-secret-effect = Un secret qu’il possède déjà ne fonctionne plus dès lors : le programme doit recevoir le nouveau.
client-secret-once = Le secret est affiché une seule fois. Bartizan n’en garde qu’une empreinte.
client-secret-title = Secret de { $name }
client-secret = Secret du client
client-back = Retour au client
service-policies-none = Aucune règle ne le concerne : il n’a le droit de rien faire.
service-keys = Clés
service-keys-what = Avec une clé à lui, le programme agit pour lui-même, sans personne. Les règles le connaissent comme { $subject }.
service-keys-none = Il n’a pas de clé.
service-key = Clé
service-key-new = Créer une clé
service-key-title = Clé de { $name }
service-key-effect = Qui a la clé est ce programme, pour les applications que vous nommez. Ce qu’il peut y faire, les règles le disent.
service-key-apps = Valable pour
service-key-apps-hint = Noms d’applications séparés par des espaces, par exemple : wiki console
service-key-label = Pour
service-key-unlabelled = non précisé
service-key-lives = Durée
service-key-days = { $count ->
    [one] { $count } jour
   *[other] { $count } jours
}
service-key-author = Créée par
service-key-used = Dernière utilisation
service-key-never = jamais
service-key-ends = Expire
service-key-do = Action
service-key-end = Terminer
service-key-end-title = Terminer une clé de { $name }
service-key-end-effect = { $live ->
    [0] La clé ne vaudra alors plus rien.
    [one] La clé ne vaudra alors plus rien, et { $live } requête ouverte sera coupée.
   *[other] La clé ne vaudra alors plus rien, et { $live } requêtes ouvertes seront coupées.
}
service-key-ended = { $cut ->
    [0] La clé est terminée.
    [one] La clé est terminée ; { $cut } requête ouverte a été coupée.
   *[other] La clé est terminée ; { $cut } requêtes ouvertes ont été coupées.
}
service-key-once = La clé est affichée une seule fois. Bartizan n’en garde qu’une empreinte.
service-key-present = Le programme la présente ainsi : { $field }.
clients-what = Les programmes dotés de leur propre connexion peuvent utiliser celle de Bartizan (OpenID Connect). Ils sont déclarés dans des fichiers : { $command }
clients-none = Aucun programme ne connecte encore de personnes avec Bartizan. Déclarez-en un dans un fichier, puis :
