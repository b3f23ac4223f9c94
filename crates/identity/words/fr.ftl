# Les pages de la connexion, pour tous.

## Ce que disent plusieurs pages

not-yet = Pas encore : { $title }
having-trouble = Vous avez un problème ?
continue = Continuer
login-name = Identifiant
password = Mot de passe
six-digit-code = Code à 6 chiffres
signing-in-as = Vous vous connectez en tant que { $who }.
use-another-account = Utiliser un autre compte
every-code-refused = Tous les codes sont refusés
every-code-refused-do = Les codes dépendent de l’heure. Réglez l’horloge de votre téléphone sur automatique.
request = Requête
or = ou
passkey-use = Utiliser une clé d’accès
passkey-unused = Aucune clé d’accès n’a été utilisée. Réessayez, ou choisissez un autre moyen.
passkey-known = Cet appareil a déjà une clé d’accès pour ce compte.
passkey-what = Une clé d’accès vous connecte avec votre empreinte, votre visage ou un code PIN. Personne ne peut la deviner, et elle ne fonctionne que sur la bonne page.
passkeys-need = Les clés d’accès demandent un navigateur qui les connaît, et JavaScript.

## Identifiant et mot de passe

sign-in = Se connecter
sign-in-to-open = Connectez-vous pour ouvrir { $app }
forgot-password = Vous avez oublié votre mot de passe
forgot-password-do = Demandez un lien de connexion à votre administrateur.
new-here = Vous êtes nouveau ici, ou votre invitation a expiré
ask-for-invitation = Demandez une nouvelle invitation à votre administrateur.
lost-authenticator = Vous avez perdu votre application d’authentification
lost-authenticator-do = Connectez-vous avec votre mot de passe. La page suivante accepte un code de récupération à la place.
passkey-sign-in = Se connecter avec une clé d’accès
provider-sign-in = Continuer avec { $provider }
use-password = Utiliser votre mot de passe
lost-passkey = Vous avez perdu l’appareil qui contient votre clé d’accès
lost-passkey-do = Connectez-vous par un autre moyen, ou demandez un lien à votre administrateur.

## Le second facteur

enter-code = Saisissez le code de votre application d’authentification
use-recovery-code = Utiliser un code de récupération
nothing-left = Vous n’avez ni application d’authentification ni codes de récupération
enter-recovery-code = Saisissez un code de récupération
recovery-code = Code de récupération
recovery-code-hint = L’un des codes que vous avez conservés en configurant votre compte. Chacun ne sert qu’une fois.
use-authenticator = Utiliser votre application d’authentification
no-codes-left = Il ne vous reste aucun code
second-proof = Prouvez que c’est bien vous

## Une preuve plus récente

confirm-heading = Confirmez que c’est bien vous
confirm = Confirmer
from-your-app = Celui de votre application d’authentification.
app-wants-newer = { $app } demande une preuve plus récente que celle de votre connexion.
change-wants-newer = Cette modification demande une preuve datant de moins de 10 minutes.
signed-in-as-switch = Vous êtes connecté en tant que { $who }. { $switch }

## Ce qui n’allait pas

wrong-password = L’identifiant et le mot de passe ne correspondent pas.
wrong-code = Ce code est incorrect.
used-code = Ce code a déjà été utilisé. Attendez le suivant.
wrong-first-code = Ce n’est pas le code que l’application devrait afficher. Saisissez le code le plus récent.
password-too-short = { $count ->
    [one] Utilisez au moins { $count } caractère.
   *[other] Utilisez au moins { $count } caractères.
}
password-too-long = { $count ->
    [one] Utilisez au plus { $count } caractère.
   *[other] Utilisez au plus { $count } caractères.
}
password-about-you = N’y mettez ni votre nom, ni votre adresse électronique, ni le nom de votre organisation : on les devine en premier.
password-guessable = Ce mot de passe est facile à deviner. Utilisez plusieurs mots sans rapport entre eux, ou un gestionnaire de mots de passe.
too-many-codes = Trop de codes incorrects. Réessayez dans { $wait }.
took-too-long = Cela a pris trop de temps. Reconnectez-vous.
not-vouched-for = Le fournisseur ne vous a pas connecté, ou pas d’une façon qui compte ici. Réessayez, ou demandez à votre administrateur.
no-account-here = Il n’y a pas de compte ici pour la personne qui s’est connectée là-bas. Demandez à votre administrateur de lier le vôtre.
no-second-factor = Le fournisseur ne vous a demandé qu’une seule preuve, et votre compte ici n’en a pas de seconde. Demandez à votre administrateur.
provider-confirm = Confirmer chez { $provider }
provider-not-now = Le fournisseur ne l’a pas confirmé, ou pas à l’instant. Réessayez.
last-provider = Sans ce fournisseur, vous ne pourriez pas vous connecter. Ajoutez d’abord une clé d’accès.
providers = Où vous vous connectez aussi
provider-is-linked = Vous vous connectez là-bas.
provider-is-not = Vous ne vous connectez pas là-bas.
provider-link = Relier
provider-part = Dissocier
provider-linked = Vous pouvez désormais vous y connecter.
provider-unlinked = Vous ne vous y connectez plus. Ce qui y avait commencé par ailleurs est terminé.
dead-link = Ce lien a déjà servi ou est trop ancien. Demandez-en un nouveau.
something-changed = Quelque chose a changé depuis que vous avez commencé. Reconnectez-vous.
wrong-passkey = Cette clé d’accès n’a pas été acceptée. Réessayez, ou connectez-vous par un autre moyen.
wrong-new-passkey = La nouvelle clé d’accès n’a pas été acceptée. Réessayez.
too-many-passkeys = { $count ->
    [one] Vous avez { $count } clé d’accès, le maximum possible. Supprimez-la d’abord.
   *[other] Vous avez { $count } clés d’accès, le maximum possible. Supprimez-en une d’abord.
}
last-way = Sans cette clé d’accès, vous ne pourriez plus vous connecter. Ajoutez-en d’abord une autre.
last-factor = Sans ce moyen, vous ne pourriez plus vous connecter. Ajoutez d’abord une clé d’accès.
password-needs-second = Un mot de passe va avec une application d’authentification ou une clé d’accès : configurez d’abord l’une des deux.
password-left-alone = Le mot de passe resterait sans second facteur. Supprimez d’abord le mot de passe, ou ajoutez une clé d’accès.
passkey-answered = Ceci a déjà été envoyé. Connectez-vous de nouveau.

## Une invitation

step = Étape { $number } sur { $of }
choose-password = Choisissez un mot de passe
new-password = Nouveau mot de passe
new-password-hint = { $count ->
    [one] Au moins { $count } caractère. Une phrase de 15 ou plus est plus sûre et plus facile à retenir. Vous pouvez le coller.
   *[other] Au moins { $count } caractères. Une phrase de 15 ou plus est plus sûre et plus facile à retenir. Vous pouvez le coller.
}
welcome = Bienvenue, { $who }. Trois courtes étapes suffisent pour configurer votre compte.
add-authenticator = Ajoutez une application d’authentification
add-authenticator-how = Scannez ceci avec une application d’authentification sur votre téléphone. Saisissez ensuite le code qu’elle affiche.
code-every-30 = L’application en affiche un nouveau toutes les 30 secondes.
qr-code = Code QR contenant la clé ci-dessous
open-in-authenticator = Ouvrir dans une application d’authentification sur cet appareil
or-type-key = Ou saisissez-y cette clé :
keep-codes = Conservez vos codes de récupération
keep-codes-why = Si vous perdez votre application d’authentification, l’un de ces codes vous connecte à sa place. Chacun ne sert qu’une fois.
shown-only-now = Ils ne sont affichés que maintenant. Imprimez-les ou placez-les dans un gestionnaire de mots de passe.
earlier-codes-dead = Vos codes précédents ne fonctionnent plus.
codes-of = Codes de récupération de { $login }
i-kept-them = Je les ai conservés
set-up-account = Configurez votre compte
welcome-passkey = Bienvenue, { $who }. Une clé d’accès sur cet appareil suffit.
passkey-make = Créer une clé d’accès
with-password = Avec un mot de passe et une application d’authentification
keep-codes-passkey = Si vous perdez votre clé d’accès, un de ces codes vous connecte avec un lien de votre administrateur. Chacun sert une fois.

## Liens

your-link = Votre lien de connexion
link-for = Ce lien est destiné à { $who } et ne sert qu’une fois.
continue-as = Continuer en tant que { $who }
link-not-you = Ce n’est pas vous ? Fermez cette page et prévenez la personne qui vous a envoyé le lien.
link-unusable = Ce lien ne peut pas être utilisé
invitation-unusable = Cette invitation ne peut pas être utilisée
link-used-or-over = Il a déjà servi, ou son délai est écoulé.
invitation-used-or-over = Elle a déjà servi, ou son délai est écoulé.
link-unusable-do = Connectez-vous avec votre mot de passe, ou demandez un nouveau lien à votre administrateur.
invitation-unusable-do = Si vous avez déjà configuré votre compte, connectez-vous. Sinon, demandez une nouvelle invitation à votre administrateur.

## Le compte

your-account = Connexion et sécurité
sign-out = Se déconnecter
where-signed-in = Où vous êtes connecté
sign-out-everywhere = Se déconnecter partout
this-session = Cette session
signed-in-when = Connexion { $age }
end-session = Terminer
session-ended = Cette connexion est terminée. Ce qu’elle avait ouvert a été fermé.
session-had-ended = Cette connexion était déjà terminée.
sign-in-with = Avec quoi vous vous connectez
authenticator = Application d’authentification
factor-since = Configuré { $age }
recovery-codes = Codes de récupération
codes-left = { $count ->
    [0] Il ne vous reste aucun code de récupération. Sans votre application d’authentification, vous ne pourriez pas vous connecter.
    [one] Il vous reste { $count } code de récupération.
   *[other] Il vous reste { $count } codes de récupération.
}
make-new-codes = Créer de nouveaux codes
new-codes-end-old = Les nouveaux codes remplacent ceux que vous avez.
passkeys = Clés d’accès
passkey-add = Ajouter une clé d’accès
passkey-name = Nom de la clé d’accès
passkey-name-hint = Pour la distinguer des autres plus tard.
passkey-used = Créée { $made }, utilisée { $used }
passkey-unused-yet = Créée { $made }, pas encore utilisée
passkey-synced = Synchronisée
passkey-one-device = Sur un appareil
passkey-second-only = Second facteur seulement
passkey-change = Modifier
passkey-rename = Renommer
passkey-remove = Supprimer cette clé d’accès
passkey-added = La clé d’accès est ajoutée.
passkey-renamed = La clé d’accès est renommée.
passkey-removed = La clé d’accès est supprimée et ne connecte plus personne. Vos autres connexions sont terminées. Vous pouvez aussi l’effacer sur l’appareil.
passkey-needed = Vous pourrez la supprimer dès que vous aurez une autre clé d’accès, ou un mot de passe avec une application d’authentification.
sign-in-with-else = Vos autres moyens de connexion
factor-none = Non configuré
set-password = Définir un mot de passe
change-password = Changer le mot de passe
remove-password = Supprimer le mot de passe
set-password-how = Il vous connecte avec votre application d’authentification ou une clé d’accès.
change-password-ends = Lorsqu’il change, vos autres connexions se terminent. Celle-ci reste ouverte.
password-needed = Vous pourrez le supprimer dès qu’une clé d’accès suffira à vous connecter.
password-set = Le mot de passe est défini.
password-changed = Le mot de passe est changé. Vos autres connexions sont terminées.
password-removed = Le mot de passe est supprimé. Vos autres connexions sont terminées.
set-up-app = Configurer une application d’authentification
replace-app = Remplacer l’application d’authentification
remove-app = Supprimer l’application d’authentification
replace-app-ends = Les codes de l’application actuelle ne fonctionneront plus et vos autres connexions se termineront. Celle-ci reste ouverte.
app-needed = Vous pourrez la supprimer dès que vous aurez une clé d’accès.
app-added = L’application d’authentification est configurée.
app-replaced = L’application d’authentification est remplacée. Les codes de la précédente ne fonctionnent plus et vos autres connexions sont terminées.
app-removed = L’application d’authentification est supprimée. Ses codes ne fonctionnent plus et vos autres connexions sont terminées.
commands = Commandes et scripts
app = Application
app-hint = La console, pour la commande bartizan, ou une application que vous pouvez ouvrir.
make-token = Créer un jeton
what-a-token-is = Un jeton représente cette connexion là où il n’y a pas de navigateur. Il se termine avec elle.
token-for = Un jeton pour { $app }
token-stands-for = Il représente votre connexion à { $app } et se termine avec elle. Il n’est affiché que cette fois.
token-keep = Conservez-le dans un fichier que vous seul pouvez lire, et indiquez ce fichier à la commande :
token-file = FICHIER
token-header = Les autres programmes l’envoient dans l’en-tête { $header }. Qui le détient peut agir en votre nom : déconnectez-vous, et il cesse de fonctionner.
back-to-account = Retour à votre compte

## Ce qu’une autre application apprend

consent-heading = Dire à { $client } qui vous êtes ?
consent-lead = Vous êtes connecté en tant que { $who }. L’application appartient à quelqu’un d’autre. Elle apprend :
consent-openid = que c’est vous, chaque fois que vous revenez
consent-profile = votre nom et votre identifiant
consent-email = votre adresse électronique
consent-groups = ceux des groupes qu’elle demande dont vous faites partie
consent-agree = Accepter
consent-refuse = Ne pas accepter
consent-small = La même question ne vous sera pas posée à nouveau. Nous ne voyons pas ce que vous y faites.
consent-act-heading = Laisser { $client } agir pour vous ?
consent-act-lead = Vous êtes connecté en tant que { $who }. Un programme de cet ordinateur le demande. N’acceptez que si vous venez de le lancer vous-même, dans un terminal. Il pourra faire :
consent-act = tout ce que vous pouvez faire dans la console

## Un appareil sans navigateur

device-heading = Connecter un appareil
device-lead = Saisissez le code que l’appareil affiche. Vous êtes connecté en tant que { $who }.
device-code = Code
device-code-hint = Huit lettres, par exemple WDJB-MJHT.
device-code-wrong = Aucun appareil n’attend ce code. Vérifiez-le. Un code est valable 10 minutes, et une seule fois : l’appareil peut en afficher un nouveau.
device-ask = Laisser { $client } agir pour vous sur un autre appareil ?
device-ask-lead = Vous êtes connecté en tant que { $who }. L’application apprend :
device-act-lead = Vous êtes connecté en tant que { $who }. L’appareil pourra faire :
device-beware = Quelqu’un vous a-t-il envoyé ou dicté ce code ? Alors cette personne veut agir en votre nom : n’autorisez pas. N’autorisez que si vous voyez le même code sur un appareil à vous.
device-application = Application
device-from = Demandé depuis
device-when = Demandé
device-allow = Autoriser
device-deny = Ne pas autoriser
device-allow-small = Cela prend fin avec cette connexion. Déconnectez-vous ici, et l’appareil l’est aussi.
device-allowed = L’appareil est connecté
device-allowed-why = { $client } y continue dans un instant. Vous pouvez fermer cette page.
device-denied = L’appareil n’est pas connecté
device-denied-why = Il ne reçoit rien. Si vous ne l’avez pas demandé vous-même, dites à votre administrateur que quelqu’un a essayé.
device-over = Ce code n’est plus valable
device-over-why = Son temps est écoulé, ou une décision a déjà été prise. Recommencez sur l’appareil.
device-another = Saisir un autre code

## Déconnexion

you-are-signed-in-as = Vous êtes connecté en tant que
sign-out-closes = La déconnexion ferme toutes les applications que vous avez ouvertes depuis ce navigateur.
sign-out-and-switch = Se déconnecter et utiliser un autre compte
stay-signed-in = Rester connecté
signed-out = Vous êtes déconnecté
signed-out-closed = Toutes les applications que vous aviez ouvertes depuis ce navigateur lui sont maintenant fermées.
sign-in-again = Se reconnecter

## Ce qui n’est pas possible

start-again = Recommencer
go-to-account = Aller à votre compte
stale = Cette page n’est plus à jour
stale-why = Elle est restée ouverte plus de 10 minutes, ou la connexion s’est poursuivie dans un autre onglet. Rien n’a été modifié.
provider-unreachable = Le fournisseur est injoignable
provider-unreachable-why = La connexion chez { $provider } n’est pas possible pour le moment. Connectez-vous autrement, ou réessayez dans une minute.
no-token = Aucun jeton n’a été créé
no-token-why = Il n’y a pas d’application { $app }, ou vous ne pouvez pas avoir de jeton pour elle.
form-unreadable = Ce formulaire ne peut pas être lu
form-unreadable-why = Ce n’est pas ce que la page envoie, ou il est trop volumineux.
link-not-now = Ce lien ne peut pas être utilisé maintenant
not-how-opened = Une application ne s’ouvre pas ainsi
not-how-opened-why = On ouvre une application en allant à son adresse, et non depuis l’intérieur d’une autre page.
no-such-app = Cette application ne peut pas être ouverte
no-such-app-why = Le lien ne désigne aucune application existante. Ouvrez l’application elle-même.
no-such-client = Cette application n’est pas connue ici
no-such-client-why = Elle vous a envoyé ici sous un nom ou depuis une adresse que personne n’a enregistrés. Retournez à l’application et dites-le à son administrateur.
request-over = Cela a pris trop de temps
request-over-why = Ce que l’application demandait n’est plus valable. Retournez-y et recommencez.
no-page = Cette page n’existe pas
no-page-why = Il n’y a rien à cette adresse.
busy = Trop de personnes se connectent
busy-why = Revenez en arrière et renvoyez le formulaire dans quelques secondes. Rien n’a été consommé.
paused = La connexion est suspendue
paused-unrecorded = Ce qui se passe ne peut pas être enregistré pour le moment, donc rien ne peut se passer. Ce qui est ouvert reste ouvert.
paused-unwritten = Les connexions ne peuvent pas être enregistrées pour le moment. Ce qui est ouvert reste ouvert.
broken = Une panne s’est produite ici
broken-why = Vous n’y êtes pour rien. Un administrateur trouvera la cause grâce au numéro de la requête.
