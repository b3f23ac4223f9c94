# Ce que lit qui est arrêté.

-begin-anew = Ouvrez de nouveau l’application pour recommencer.

## Refus : ce qui s’est passé, et pourquoi

sign-in-required = Connectez-vous pour ouvrir ceci
sign-in-required-why = Personne n’est connecté ici.
session-ended = Votre connexion est terminée
session-ended-why = La connexion à laquelle cette requête appartient est terminée.
session-gone-why = Reconnectez-vous pour continuer.
step-up-required = Ceci demande une connexion renforcée
step-up-required-why = Vous êtes connecté, mais ceci demande une connexion plus forte ou plus récente.
denied-by-policy = Vous n’avez pas accès à ceci
denied-by-policy-why = Aucune politique ne donne accès à ce compte, ou l’une d’elles l’interdit.
access-ended-why = L’accès a pris fin.
subject-disabled = Ce compte est désactivé
subject-disabled-why = Un administrateur a désactivé ce compte.
risk-too-high = L’accès est suspendu pour ce compte
risk-too-high-why = Ce compte a eu une activité inhabituelle, l’accès est donc suspendu.
device-not-trusted = Cet appareil ne peut pas ouvrir ceci
device-not-trusted-why = Cet appareil n’est pas inscrit, ou n’est pas en règle.
evidence-unavailable = L’accès est suspendu : rien ne peut être enregistré
evidence-unavailable-why = Ce qui se passe ne peut pas être enregistré, donc rien ne peut se passer.
lease-expired = L’accès est suspendu : cette passerelle est coupée de son plan de contrôle
lease-expired-why = La passerelle est sans nouvelles de son plan de contrôle depuis trop longtemps, elle ne décide donc rien.
overloaded = Trop de choses sont en cours
overloaded-why = Réessayez dans un instant.
cross-site = Un autre site a demandé ceci
cross-site-why = Une page d’un autre site a fait envoyer cette requête par votre navigateur, elle n’a donc pas été exécutée.
throttled = Trop d’identifiants inconnus
throttled-why = Trop d’identifiants que personne ne connaît sont venus de cette adresse.
not-found = Il n’y a rien ici
not-found-why = Ce chemin est réservé.

## Une connexion qui n’aboutit pas

sign-in-unfinished = Cette connexion ne peut pas aboutir ici
sign-in-no-such-link = Le lien demande quelque chose qui n’existe pas. { -begin-anew }
sign-in-no-code = Le lien ne contient pas de code. { -begin-anew }
sign-in-elsewhere = Elle a commencé dans un autre navigateur, ou il y a plus de 5 minutes, ou ce navigateur ne garde pas les cookies. { -begin-anew }
sign-in-foreign-cookie = Son cookie n’est pas le nôtre. { -begin-anew }
sign-in-used-code = Son code a déjà servi, a expiré ou était destiné à un autre navigateur. { -begin-anew }
sign-in-unwritable = Elle ne peut pas commencer. { -begin-anew }

## Pannes : ce qui s’est passé, et pourquoi

upstream-unsafe = L’application ne peut pas être jointe en toute sécurité
upstream-roots-why = Les certificats qui servent à vérifier le serveur de l’application ne peuvent pas être lus.
upstream-tls-why = Le serveur de l’application n’a pas prouvé qu’il est le bon, rien ne lui a donc été envoyé.
upstream-unreachable = L’application ne peut pas être jointe
upstream-no-app-why = Il n’y a pas d’application derrière cette requête.
upstream-no-server-why = Il n’y a pas de serveur derrière cet hôte.
upstream-unwritable-why = La requête ne peut pas être écrite.
upstream-no-connection-why = La passerelle ne peut pas se connecter au serveur de l’application. Ni vous ni la passerelle n’en êtes la cause.
upstream-closed-why = Le serveur de l’application a fermé la connexion sans répondre.
upstream-garbled-why = Le serveur de l’application a donné une réponse illisible.
upstream-unusable = Le serveur de l’application n’a pas donné de réponse utilisable
upstream-unusable-why = Le serveur de l’application a changé de protocole sans qu’on le lui demande.
upstream-timeout = L’application n’a pas répondu à temps
upstream-timeout-why = Le serveur de l’application a pris la requête et n’a pas répondu.
assertion-unavailable = L’application ne peut pas savoir qui vous êtes
assertion-unavailable-why = La passerelle n’a pas de clé publiée pour signer.
groups-too-large = L’application ne peut pas savoir dans quels groupes vous êtes
groups-too-large-why = L’application énumère trop de groupes ; son administrateur doit raccourcir la liste.
content-too-large = C’est plus que ce que l’application accepte
content-too-large-why = Le corps de la requête dépasse ce que l’administrateur autorise pour cette application.
body-unfinished = La requête n’est pas arrivée jusqu’au bout
body-unfinished-why = Le corps de la requête s’est interrompu, ou n’est pas arrivé à temps.
sessions-unavailable = L’accès est suspendu : les connexions ne peuvent pas être vérifiées
sessions-unavailable-why = La passerelle ne peut pas demander à son plan de contrôle à qui appartient cet identifiant.
crowded = Trop de monde est ici à la fois
crowded-why = Toutes les connexions que la passerelle peut tenir sont prises. Cette requête n’y est pour rien.

## Requêtes qui ne sont pas lues

ambiguous = Cette requête peut être lue de plusieurs façons
bad-line-end = Une ligne de l’en-tête ne se termine pas par CRLF.
bad-request-line = La première ligne n’est pas une méthode, une cible et une version.
bad-field = Une ligne de l’en-tête n’est pas un champ.
bad-version = Seuls HTTP/1.1 et HTTP/2 sont parlés ici.
bad-method = Cette méthode ne passe pas ici.
bad-target = La cible de la requête n’est pas un chemin de cet hôte.
bad-host = La requête ne désigne pas exactement un hôte.
bad-wrong-host = Cette connexion est pour un autre hôte.
bad-path-escape = Le chemin contient un encodage incorrect.
bad-path-separator = Le chemin contient un séparateur que les serveurs lisent différemment.
bad-path-control = Le chemin contient un caractère de contrôle ou une espace.
bad-path-encoding = Le chemin n’est pas de l’UTF-8 en encodage-pourcent.
bad-path-double-encoding = Le chemin est encodé deux fois.
bad-path-dot-segment = Le chemin contient un segment à points.
bad-path-empty-segment = Le chemin contient un segment vide.
bad-path-parameter = Le chemin contient un paramètre.
bad-path-fragment = La cible de la requête contient un fragment.
bad-framing = La longueur du corps peut être lue de différentes façons.
bad-connection = Le champ Connection ne peut pas être lu.
bad-forwarded = Le mandataire en amont ne dit pas qui demande.
bad-authorization = Il y a plus d’un champ Authorization.
bad-credentials = Les identifiants se contredisent, ou ne sont pas du bon type pour leur place.
bad-upgrade = La connexion ne peut pas passer à ce protocole.
bad-target-too-long = La cible de la requête est trop longue.
bad-headers-too-large = Il y a trop de champs d’en-tête, ou ils sont trop longs.

## Les solutions

way-sign-in = Se connecter
way-sign-in-again = Se reconnecter
way-confirm = Confirmer que c’est bien vous avec un second facteur
way-sign-in-strongly = Se reconnecter avec un second facteur
way-mend-device = Remettre cet appareil en règle
way-enrol-device = Inscrire cet appareil
way-switch-account = Utiliser un autre compte
way-await-review = Attendre que l’activité inhabituelle de ce compte ait été examinée
way-await-time = Attendre jusqu’au { $time }
way-with-advice = { $way }. { $advice }

## Autour

other-ways = Autres solutions
what-you-can-do = Ce que vous pouvez faire
ask-for-access = Pour demander l’accès, donnez le numéro de la requête à votre administrateur. Il lui montre pourquoi.
if-surprising = Si cela vous surprend, donnez le numéro de la requête à votre administrateur. Il lui montre pourquoi.
your-apps = Vos applications
see-why = Voir pourquoi, dans la console
if-it-stays = Si cela persiste, donnez le numéro de la requête à votre administrateur.
fault-is-ours = Votre compte n’est pas en cause.
fault-is-in = Votre compte n’est pas en cause : la panne vient de { $app }.
fault-is-in-the-app = Votre compte n’est pas en cause : la panne vient de l’application.
try-again = Réessayer
signed-in-as = Connecté en tant que
account = Compte
request = Requête
reason = Motif
you = Vous
the-app = L’application
connected = Connecté
let-through = Vous a laissé passer
failed-here = En panne ici
not-reached = Non atteinte
