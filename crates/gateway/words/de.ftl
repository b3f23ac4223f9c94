# Was liest, wer aufgehalten wird.

-begin-anew = Öffnen Sie die App erneut, um neu zu beginnen.

## Ablehnungen: was geschah, und warum

sign-in-required = Melden Sie sich an, um dies zu öffnen
sign-in-required-why = Hier ist niemand angemeldet.
session-ended = Ihre Anmeldung ist beendet
session-ended-why = Die Anmeldung, zu der diese Anfrage gehört, ist beendet.
session-gone-why = Melden Sie sich erneut an, um fortzufahren.
step-up-required = Dies verlangt eine stärkere Anmeldung
step-up-required-why = Sie sind angemeldet, aber dies verlangt eine stärkere oder eine neuere Anmeldung.
denied-by-policy = Sie haben hierauf keinen Zugriff
denied-by-policy-why = Keine Richtlinie gibt diesem Konto Zugriff, oder eine verbietet ihn.
access-ended-why = Der Zugriff ist beendet.
subject-disabled = Dieses Konto ist gesperrt
subject-disabled-why = Ein Administrator hat dieses Konto gesperrt.
risk-too-high = Der Zugriff ist für dieses Konto angehalten
risk-too-high-why = Dieses Konto hat sich ungewöhnlich verhalten, deshalb ist der Zugriff angehalten.
device-not-trusted = Dieses Gerät kann dies nicht öffnen
device-not-trusted-why = Dieses Gerät ist nicht registriert oder nicht in Ordnung.
evidence-unavailable = Der Zugriff ist angehalten: Es kann nichts aufgezeichnet werden
evidence-unavailable-why = Was geschieht, kann nicht aufgezeichnet werden, also darf nichts geschehen.
lease-expired = Der Zugriff ist angehalten: Dieses Gateway ist von seiner Steuerung abgeschnitten
lease-expired-why = Das Gateway hat zu lange nichts von seiner Steuerung gehört, deshalb entscheidet es nichts.
overloaded = Gerade ist zu viel auf einmal los
overloaded-why = Versuchen Sie es in einem Augenblick erneut.
cross-site = Eine andere Website hat dies angefragt
cross-site-why = Eine Seite einer anderen Website hat Ihren Browser diese Anfrage senden lassen, deshalb wurde sie nicht ausgeführt.
throttled = Zu viele unbekannte Zugangsdaten
throttled-why = Von dieser Adresse kamen zu viele Zugangsdaten, die niemand kennt.
not-found = Hier ist nichts
not-found-why = Dieser Pfad ist reserviert.

## Eine Anmeldung, die nicht zu Ende kommt

sign-in-unfinished = Diese Anmeldung kann hier nicht abgeschlossen werden
sign-in-no-such-link = Der Link fragt nach etwas, das es nicht gibt. { -begin-anew }
sign-in-no-code = Der Link enthält keinen Code. { -begin-anew }
sign-in-elsewhere = Sie begann in einem anderen Browser oder vor mehr als 5 Minuten, oder dieser Browser behält keine Cookies. { -begin-anew }
sign-in-foreign-cookie = Das Cookie dazu ist nicht von uns. { -begin-anew }
sign-in-used-code = Der Code dazu wurde schon verwendet, ist abgelaufen oder war für einen anderen Browser bestimmt. { -begin-anew }
sign-in-unwritable = Sie kann nicht begonnen werden. { -begin-anew }

## Fehler: was geschah, und warum

upstream-unsafe = Die App ist nicht sicher erreichbar
upstream-roots-why = Die Zertifikate, mit denen der Server der App zu prüfen ist, sind nicht lesbar.
upstream-tls-why = Der Server der App hat nicht nachgewiesen, dass er der richtige ist, deshalb wurde ihm nichts gesendet.
upstream-unreachable = Die App ist nicht erreichbar
upstream-no-app-why = Hinter dieser Anfrage steht keine App.
upstream-no-server-why = Hinter diesem Host steht kein Server.
upstream-unwritable-why = Die Anfrage kann nicht geschrieben werden.
upstream-no-connection-why = Das Gateway kann sich nicht mit dem Server der App verbinden. Es liegt weder an Ihnen noch am Gateway.
upstream-closed-why = Der Server der App hat die Verbindung ohne Antwort geschlossen.
upstream-garbled-why = Der Server der App gab eine Antwort, die nicht lesbar ist.
upstream-unusable = Der Server der App gab keine brauchbare Antwort
upstream-unusable-why = Der Server der App hat das Protokoll gewechselt, ohne dass darum gebeten wurde.
upstream-timeout = Die App hat nicht rechtzeitig geantwortet
upstream-timeout-why = Der Server der App nahm die Anfrage an und gab keine Antwort.
assertion-unavailable = Der App kann nicht mitgeteilt werden, wer Sie sind
assertion-unavailable-why = Das Gateway hat keinen veröffentlichten Schlüssel zum Signieren.
groups-too-large = Der App kann nicht mitgeteilt werden, in welchen Gruppen Sie sind
groups-too-large-why = Die App führt zu viele Gruppen auf; ihr Administrator muss die Liste kürzen.
content-too-large = Das ist mehr, als die App annimmt
content-too-large-why = Der Inhalt der Anfrage ist größer, als der Administrator für diese App erlaubt.
body-unfinished = Die Anfrage kam nicht zu ihrem Ende
body-unfinished-why = Der Inhalt der Anfrage brach ab oder kam nicht rechtzeitig.
sessions-unavailable = Der Zugriff ist angehalten: Anmeldungen können nicht nachgeschlagen werden
sessions-unavailable-why = Das Gateway kann seine Steuerung nicht fragen, wem diese Zugangsdaten gehören.
crowded = Zu viele sind gleichzeitig hier
crowded-why = Alle Verbindungen, die das Gateway halten kann, sind belegt. Mit dieser Anfrage ist alles in Ordnung.

## Anfragen, die nicht gelesen werden

ambiguous = Diese Anfrage ist nicht eindeutig lesbar
bad-line-end = Eine Zeile des Kopfs endet nicht mit CRLF.
bad-request-line = Die erste Zeile besteht nicht aus Methode, Ziel und Version.
bad-field = Eine Zeile des Kopfs ist kein Header-Feld.
bad-version = Hier werden nur HTTP/1.1 und HTTP/2 gesprochen.
bad-method = Diese Methode wird hier nicht durchgelassen.
bad-target = Das Ziel der Anfrage ist kein Pfad auf diesem Host.
bad-host = Die Anfrage nennt nicht genau einen Host.
bad-wrong-host = Diese Verbindung ist für einen anderen Host.
bad-path-escape = Der Pfad enthält eine fehlerhafte Prozentkodierung.
bad-path-separator = Der Pfad enthält ein Trennzeichen, das Server verschieden lesen.
bad-path-control = Der Pfad enthält ein Steuerzeichen oder ein Leerzeichen.
bad-path-encoding = Der Pfad ist kein UTF-8 in Prozentkodierung.
bad-path-double-encoding = Der Pfad ist doppelt kodiert.
bad-path-dot-segment = Der Pfad enthält ein Punktsegment.
bad-path-empty-segment = Der Pfad enthält ein leeres Segment.
bad-path-parameter = Der Pfad enthält einen Parameter.
bad-path-fragment = Das Ziel der Anfrage enthält ein Fragment.
bad-framing = Die Länge des Inhalts kann verschieden gelesen werden.
bad-connection = Das Feld Connection ist nicht lesbar.
bad-forwarded = Der vorgeschaltete Proxy sagt nicht, wer anfragt.
bad-authorization = Es gibt mehr als ein Feld Authorization.
bad-credentials = Die Zugangsdaten widersprechen sich oder sind an dieser Stelle von der falschen Art.
bad-upgrade = Die Verbindung kann nicht zu diesem Protokoll wechseln.
bad-target-too-long = Das Ziel der Anfrage ist zu lang.
bad-headers-too-large = Es sind zu viele Header-Felder, oder sie sind zu lang.

## Auswege

way-sign-in = Anmelden
way-sign-in-again = Erneut anmelden
way-confirm = Mit einem zweiten Faktor bestätigen, dass Sie es sind
way-sign-in-strongly = Erneut anmelden, mit einem zweiten Faktor
way-mend-device = Dieses Gerät in Ordnung bringen
way-enrol-device = Dieses Gerät registrieren
way-switch-account = Anderes Konto verwenden
way-await-review = Warten, bis die ungewöhnliche Aktivität dieses Kontos geprüft ist
way-await-time = Bis { $time } warten
way-with-advice = { $way }. { $advice }

## Um sie herum

other-ways = Andere Wege
what-you-can-do = Was Sie tun können
ask-for-access = Wenn Sie Zugriff brauchen, geben Sie Ihrem Administrator die Anfragenummer. Sie zeigt ihm den Grund.
if-surprising = Wenn Sie das überrascht, geben Sie Ihrem Administrator die Anfragenummer. Sie zeigt ihm den Grund.
your-apps = Ihre Apps
see-why = Den Grund in der Konsole ansehen
if-it-stays = Wenn es dabei bleibt, geben Sie Ihrem Administrator die Anfragenummer.
fault-is-ours = Mit Ihrem Konto ist alles in Ordnung.
fault-is-in = Mit Ihrem Konto ist alles in Ordnung: Der Fehler liegt bei { $app }.
fault-is-in-the-app = Mit Ihrem Konto ist alles in Ordnung: Der Fehler liegt bei der App.
try-again = Erneut versuchen
signed-in-as = Angemeldet als
account = Konto
request = Anfrage
reason = Grund
you = Sie
the-app = Die App
connected = Verbunden
let-through = Hat Sie durchgelassen
failed-here = Hier fehlgeschlagen
not-reached = Nicht erreicht
