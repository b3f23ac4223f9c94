# Lo que lee quien es detenido.

-begin-anew = Abra de nuevo la aplicación para empezar otra vez.

## Rechazos: qué pasó y por qué

sign-in-required = Inicie sesión para abrir esto
sign-in-required-why = Nadie ha iniciado sesión aquí.
session-ended = Su sesión ha terminado
session-ended-why = La sesión a la que pertenece esta solicitud ha terminado.
session-gone-why = Inicie sesión de nuevo para continuar.
step-up-required = Esto requiere un acceso reforzado
step-up-required-why = Ha iniciado sesión, pero esto pide un inicio de sesión más fuerte o más reciente.
denied-by-policy = No tiene acceso a esto
denied-by-policy-why = Ninguna política da acceso a esta cuenta, o alguna lo prohíbe.
access-ended-why = El acceso ha terminado.
subject-disabled = Esta cuenta está desactivada
subject-disabled-why = Un administrador ha desactivado esta cuenta.
risk-too-high = El acceso está en pausa para esta cuenta
risk-too-high-why = Esta cuenta ha tenido una actividad inusual, por eso el acceso está en pausa.
device-not-trusted = Este dispositivo no puede abrir esto
device-not-trusted-why = Este dispositivo no está registrado o no está en orden.
evidence-unavailable = El acceso está en pausa: no se puede registrar nada
evidence-unavailable-why = No se puede registrar lo que ocurre, así que nada puede ocurrir.
lease-expired = El acceso está en pausa: esta pasarela está aislada de su plano de control
lease-expired-why = La pasarela lleva demasiado tiempo sin noticias de su plano de control, así que no decide nada.
overloaded = Hay demasiada actividad en curso
overloaded-why = Inténtelo de nuevo dentro de un momento.
cross-site = Otro sitio pidió esto
cross-site-why = Una página de otro sitio hizo que su navegador enviara esta solicitud, por eso no se ha ejecutado.
throttled = Demasiadas credenciales desconocidas
throttled-why = De esta dirección han llegado demasiadas credenciales que nadie conoce.
not-found = Aquí no hay nada
not-found-why = Esta ruta está reservada.

## Un inicio de sesión que no llega a su fin

sign-in-unfinished = Este inicio de sesión no se puede terminar aquí
sign-in-no-such-link = El enlace pide algo que no existe. { -begin-anew }
sign-in-no-code = El enlace no contiene ningún código. { -begin-anew }
sign-in-elsewhere = Empezó en otro navegador, o hace más de 5 minutos, o este navegador no guarda cookies. { -begin-anew }
sign-in-foreign-cookie = Su cookie no es nuestra. { -begin-anew }
sign-in-used-code = Su código ya se usó, ha caducado o era para otro navegador. { -begin-anew }
sign-in-unwritable = No se puede empezar. { -begin-anew }

## Fallos: qué pasó y por qué

upstream-unsafe = No se puede llegar a la aplicación de forma segura
upstream-roots-why = No se pueden leer los certificados con los que se comprueba el servidor de la aplicación.
upstream-tls-why = El servidor de la aplicación no demostró ser el correcto, así que no se le envió nada.
upstream-unreachable = No se puede llegar a la aplicación
upstream-no-app-why = No hay ninguna aplicación detrás de esta solicitud.
upstream-no-server-why = No hay ningún servidor detrás de este host.
upstream-unwritable-why = No se puede escribir la solicitud.
upstream-no-connection-why = La pasarela no puede conectarse al servidor de la aplicación. Ni usted ni la pasarela son la causa.
upstream-closed-why = El servidor de la aplicación cerró la conexión sin responder.
upstream-garbled-why = El servidor de la aplicación dio una respuesta que no se puede leer.
upstream-unusable = El servidor de la aplicación no dio una respuesta utilizable
upstream-unusable-why = El servidor de la aplicación cambió de protocolo sin que se le pidiera.
upstream-timeout = La aplicación no respondió a tiempo
upstream-timeout-why = El servidor de la aplicación recibió la solicitud y no respondió.
assertion-unavailable = No se puede decir a la aplicación quién es usted
assertion-unavailable-why = La pasarela no tiene ninguna clave publicada con la que firmar.
groups-too-large = No se puede decir a la aplicación en qué grupos está usted
groups-too-large-why = La aplicación enumera demasiados grupos; su administrador tiene que acortar la lista.
content-too-large = Esto es más grande de lo que acepta la aplicación
content-too-large-why = El cuerpo de la solicitud es mayor de lo que el administrador permite para esta aplicación.
body-unfinished = La solicitud no llegó a su fin
body-unfinished-why = El cuerpo de la solicitud se interrumpió o no llegó a tiempo.
sessions-unavailable = El acceso está en pausa: no se pueden consultar las sesiones
sessions-unavailable-why = La pasarela no puede preguntar a su plano de control de quién es esta credencial.
crowded = Hay demasiados aquí a la vez
crowded-why = Todas las conexiones que la pasarela puede mantener están ocupadas. Esta solicitud es correcta.

## Solicitudes que no se leen

ambiguous = Esta solicitud se puede leer de más de una manera
bad-line-end = Una línea de la cabecera no termina en CRLF.
bad-request-line = La primera línea no es un método, un destino y una versión.
bad-field = Una línea de la cabecera no es un campo.
bad-version = Aquí solo se habla HTTP/1.1 y HTTP/2.
bad-method = Ese método no pasa por aquí.
bad-target = El destino de la solicitud no es una ruta de este host.
bad-host = La solicitud no nombra exactamente un host.
bad-wrong-host = Esta conexión es para otro host.
bad-path-escape = La ruta contiene una codificación incorrecta.
bad-path-separator = La ruta contiene un separador que los servidores leen de distintas maneras.
bad-path-control = La ruta contiene un carácter de control o un espacio.
bad-path-encoding = La ruta no es UTF-8 codificado con porcentajes.
bad-path-double-encoding = La ruta está codificada dos veces.
bad-path-dot-segment = La ruta contiene un segmento de puntos.
bad-path-empty-segment = La ruta contiene un segmento vacío.
bad-path-parameter = La ruta contiene un parámetro.
bad-path-fragment = El destino de la solicitud contiene un fragmento.
bad-framing = La longitud del cuerpo se puede leer de distintas maneras.
bad-connection = No se puede leer el campo Connection.
bad-forwarded = El proxy que hay delante no dice quién pregunta.
bad-authorization = Hay más de un campo Authorization.
bad-credentials = Las credenciales se contradicen o no son del tipo adecuado para su lugar.
bad-upgrade = La conexión no puede cambiar a ese protocolo.
bad-target-too-long = El destino de la solicitud es demasiado largo.
bad-headers-too-large = Hay demasiados campos de cabecera o son demasiado largos.

## Soluciones

way-sign-in = Iniciar sesión
way-sign-in-again = Iniciar sesión de nuevo
way-confirm = Confirmar que es usted con un segundo factor
way-sign-in-strongly = Iniciar sesión de nuevo, con un segundo factor
way-mend-device = Poner en orden este dispositivo
way-enrol-device = Registrar este dispositivo
way-switch-account = Usar otra cuenta
way-await-review = Esperar a que se revise la actividad inusual de esta cuenta
way-await-time = Esperar hasta el { $time }
way-with-advice = { $way }. { $advice }

## Alrededor

other-ways = Otras soluciones
what-you-can-do = Lo que puede hacer
ask-for-access = Para pedir acceso, dé el número de la solicitud a su administrador. Le muestra el porqué.
if-surprising = Si esto le sorprende, dé el número de la solicitud a su administrador. Le muestra el porqué.
your-apps = Sus aplicaciones
see-why = Ver por qué, en la consola
if-it-stays = Si sigue así, dé el número de la solicitud a su administrador.
fault-is-ours = Su cuenta está en orden.
fault-is-in = Su cuenta está en orden: el fallo está en { $app }.
fault-is-in-the-app = Su cuenta está en orden: el fallo está en la aplicación.
try-again = Intentar de nuevo
signed-in-as = Sesión iniciada como
account = Cuenta
request = Solicitud
reason = Motivo
you = Usted
the-app = La aplicación
connected = Conectado
let-through = Le dejó pasar
failed-here = Falló aquí
not-reached = No alcanzada
