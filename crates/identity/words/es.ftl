# Las páginas del inicio de sesión, para todos.

## Lo que dicen varias páginas

not-yet = Aún no: { $title }
having-trouble = ¿Tiene problemas?
continue = Continuar
login-name = Nombre de usuario
password = Contraseña
six-digit-code = Código de 6 cifras
signing-in-as = Está iniciando sesión como { $who }.
use-another-account = Usar otra cuenta
every-code-refused = Se rechazan todos los códigos
every-code-refused-do = Los códigos dependen de la hora. Ponga el reloj de su teléfono en automático.
request = Solicitud
or = o
passkey-use = Usar una llave de acceso
passkey-unused = No se usó ninguna llave de acceso. Inténtelo de nuevo o elija otro camino.
passkey-known = Este dispositivo ya tiene una llave de acceso para esta cuenta.
passkey-what = Con una llave de acceso inicia sesión con su huella, su cara o un PIN. Nadie puede adivinarla y solo funciona en la página correcta.
passkeys-need = Las llaves de acceso necesitan un navegador que las conozca y JavaScript.

## Nombre de usuario y contraseña

sign-in = Iniciar sesión
sign-in-to-open = Inicie sesión para abrir { $app }
forgot-password = Olvidó su contraseña
forgot-password-do = Pida a su administrador un enlace de acceso.
new-here = Es su primera vez aquí, o su invitación ha caducado
ask-for-invitation = Pida a su administrador una nueva invitación.
lost-authenticator = Perdió su autenticador
lost-authenticator-do = Inicie sesión con su contraseña. La página siguiente acepta un código de recuperación en su lugar.
passkey-sign-in = Iniciar sesión con una llave de acceso
provider-sign-in = Continuar con { $provider }
use-password = Usar su contraseña
lost-passkey = Ha perdido el dispositivo con su llave de acceso
lost-passkey-do = Inicie sesión por otro camino o pida un enlace a su administrador.

## El segundo factor

enter-code = Introduzca el código de su autenticador
use-recovery-code = Usar un código de recuperación
nothing-left = No tiene ni autenticador ni códigos de recuperación
enter-recovery-code = Introduzca un código de recuperación
recovery-code = Código de recuperación
recovery-code-hint = Uno de los códigos que guardó al configurar su cuenta. Cada uno sirve una sola vez.
use-authenticator = Usar su autenticador
no-codes-left = No le quedan códigos
second-proof = Demuestre que es usted

## Una prueba más reciente

confirm-heading = Confirme que es usted
confirm = Confirmar
from-your-app = De su aplicación de autenticación.
app-wants-newer = { $app } pide una prueba más reciente que la de su inicio de sesión.
change-wants-newer = Este cambio pide una prueba de los últimos 10 minutos.
signed-in-as-switch = Ha iniciado sesión como { $who }. { $switch }

## Lo que no estaba bien

wrong-password = El nombre de usuario y la contraseña no coinciden.
wrong-code = Este código no es correcto.
used-code = Este código ya se ha usado. Espere al siguiente.
wrong-first-code = Este no es el código que debería mostrar la aplicación. Escriba el código más reciente.
password-too-short = { $count ->
    [one] Use al menos { $count } carácter.
   *[other] Use al menos { $count } caracteres.
}
password-too-long = { $count ->
    [one] Use como máximo { $count } carácter.
   *[other] Use como máximo { $count } caracteres.
}
password-about-you = No incluya su nombre, su correo ni el nombre de su organización: es lo primero que se adivina.
password-guessable = Esta contraseña es fácil de adivinar. Use varias palabras que no tengan relación entre sí, o un gestor de contraseñas.
too-many-codes = Demasiados códigos incorrectos. Inténtelo de nuevo dentro de { $wait }.
took-too-long = Ha pasado demasiado tiempo. Inicie sesión de nuevo.
not-vouched-for = El proveedor no inició su sesión, o no de un modo que valga aquí. Inténtelo de nuevo o pregunte a su administrador.
no-account-here = Aquí no hay ninguna cuenta para quien inició sesión allí. Pida a su administrador que vincule la suya.
no-second-factor = El proveedor le pidió una sola prueba, y su cuenta aquí no tiene una segunda. Pregunte a su administrador.
provider-confirm = Confirmar en { $provider }
provider-not-now = El proveedor no lo confirmó, o no en este momento. Inténtelo de nuevo.
last-provider = Sin este proveedor no podría iniciar sesión. Añada antes una llave de acceso.
providers = Dónde más inicia sesión
provider-is-linked = Inicia sesión allí.
provider-is-not = No inicia sesión allí.
provider-link = Conectar
provider-part = Desconectar
provider-linked = A partir de ahora puede iniciar sesión allí.
provider-unlinked = Ya no inicia sesión allí. Lo demás que empezó allí ha terminado.
dead-link = Este enlace ya se usó o es demasiado antiguo. Pida uno nuevo.
something-changed = Algo ha cambiado desde que empezó. Inicie sesión de nuevo.
wrong-passkey = No se aceptó esta llave de acceso. Inténtelo de nuevo o inicie sesión por otro camino.
wrong-new-passkey = No se aceptó la nueva llave de acceso. Inténtelo de nuevo.
too-many-passkeys = { $count ->
    [one] Tiene { $count } llave de acceso, el máximo posible. Elimínela primero.
   *[other] Tiene { $count } llaves de acceso, el máximo posible. Elimine una primero.
}
last-way = Sin esta llave de acceso no podría iniciar sesión. Añada otra primero.
last-factor = Sin este medio no podría iniciar sesión. Añada antes una llave de acceso.
password-needs-second = Una contraseña va con una aplicación de autenticación o una llave de acceso: configure antes una de las dos.
password-left-alone = La contraseña se quedaría sin segundo factor. Elimine antes la contraseña o añada una llave de acceso.
passkey-answered = Esto ya se envió antes. Inicie sesión de nuevo.

## Una invitación

step = Paso { $number } de { $of }
choose-password = Elija una contraseña
new-password = Nueva contraseña
new-password-hint = { $count ->
    [one] Al menos { $count } carácter. Una frase de 15 o más es más segura y más fácil de recordar. Puede pegarla.
   *[other] Al menos { $count } caracteres. Una frase de 15 o más es más segura y más fácil de recordar. Puede pegarla.
}
welcome = Le damos la bienvenida, { $who }. Tres pasos cortos bastan para configurar su cuenta.
add-authenticator = Añada un autenticador
add-authenticator-how = Escanee esto con una aplicación de autenticación en su teléfono. Después escriba el código que muestra.
code-every-30 = La aplicación muestra uno nuevo cada 30 segundos.
qr-code = Código QR con la clave que figura debajo
open-in-authenticator = Abrir en un autenticador de este dispositivo
or-type-key = O escriba en él esta clave:
keep-codes = Guarde sus códigos de recuperación
keep-codes-why = Si pierde su autenticador, uno de estos códigos le permite iniciar sesión. Cada uno sirve una sola vez.
shown-only-now = Solo se muestran ahora. Imprímalos o póngalos en un gestor de contraseñas.
earlier-codes-dead = Sus códigos anteriores ya no sirven.
codes-of = Códigos de recuperación de { $login }
i-kept-them = Los he guardado
set-up-account = Configure su cuenta
welcome-passkey = Le damos la bienvenida, { $who }. Basta con una llave de acceso en este dispositivo.
passkey-make = Crear una llave de acceso
with-password = Con contraseña y aplicación de autenticación
keep-codes-passkey = Si pierde su llave de acceso, uno de estos códigos le permite iniciar sesión junto con un enlace de su administrador. Cada uno sirve una vez.

## Enlaces

your-link = Su enlace de acceso
link-for = Este enlace es para { $who } y sirve una sola vez.
continue-as = Continuar como { $who }
link-not-you = ¿No es usted? Cierre esta página y avise a quien le envió el enlace.
link-unusable = Este enlace no se puede usar
invitation-unusable = Esta invitación no se puede usar
link-used-or-over = Ya se ha usado, o su plazo ha terminado.
invitation-used-or-over = Ya se ha usado, o su plazo ha terminado.
link-unusable-do = Inicie sesión con su contraseña o pida a su administrador un nuevo enlace.
invitation-unusable-do = Si ya configuró su cuenta, inicie sesión. Si no, pida a su administrador una nueva invitación.

## La cuenta

your-account = Inicio de sesión y seguridad
sign-out = Cerrar sesión
where-signed-in = Dónde tiene la sesión iniciada
sign-out-everywhere = Cerrar sesión en todas partes
this-session = Esta sesión
signed-in-when = Sesión iniciada { $age }
end-session = Terminar
session-ended = Esa sesión ha terminado. Lo que tenía abierto se ha cerrado.
session-had-ended = Esa sesión ya había terminado.
sign-in-with = Con qué inicia sesión
authenticator = Aplicación de autenticación
factor-since = Configurado { $age }
recovery-codes = Códigos de recuperación
codes-left = { $count ->
    [0] No le quedan códigos de recuperación. Sin su autenticador no podría iniciar sesión.
    [one] Le queda { $count } código de recuperación.
   *[other] Le quedan { $count } códigos de recuperación.
}
make-new-codes = Crear códigos nuevos
new-codes-end-old = Los códigos nuevos sustituyen a los que tiene.
passkeys = Llaves de acceso
passkey-add = Añadir una llave de acceso
passkey-name = Nombre de la llave de acceso
passkey-name-hint = Para distinguirla de otras más adelante.
passkey-used = Creada { $made }, usada { $used }
passkey-unused-yet = Creada { $made }, aún sin usar
passkey-synced = Sincronizada
passkey-one-device = En un dispositivo
passkey-second-only = Solo segundo factor
passkey-change = Cambiar
passkey-rename = Renombrar
passkey-remove = Eliminar esta llave de acceso
passkey-added = La llave de acceso está añadida.
passkey-renamed = La llave de acceso tiene otro nombre.
passkey-removed = La llave de acceso está eliminada y ya no sirve para iniciar sesión. Sus otras sesiones han terminado. También puede borrarla en el dispositivo.
passkey-needed = Podrá eliminarla cuando tenga otra llave de acceso, o una contraseña con una aplicación de autenticación.
sign-in-with-else = Con qué más inicia sesión
factor-none = Sin configurar
set-password = Establecer una contraseña
change-password = Cambiar la contraseña
remove-password = Eliminar la contraseña
set-password-how = Con ella inicia sesión junto con su aplicación de autenticación o una llave de acceso.
change-password-ends = Al cambiarla, sus otras sesiones terminan. Esta sigue abierta.
password-needed = Podrá eliminarla cuando una llave de acceso baste para iniciar sesión.
password-set = La contraseña está establecida.
password-changed = La contraseña está cambiada. Sus otras sesiones han terminado.
password-removed = La contraseña está eliminada. Sus otras sesiones han terminado.
set-up-app = Configurar una aplicación de autenticación
replace-app = Sustituir la aplicación de autenticación
remove-app = Eliminar la aplicación de autenticación
replace-app-ends = Los códigos de la aplicación actual dejarán de servir y sus otras sesiones terminarán. Esta sigue abierta.
app-needed = Podrá eliminarla cuando tenga una llave de acceso.
app-added = La aplicación de autenticación está configurada.
app-replaced = La aplicación de autenticación está sustituida. Los códigos de la anterior ya no sirven y sus otras sesiones han terminado.
app-removed = La aplicación de autenticación está eliminada. Sus códigos ya no sirven y sus otras sesiones han terminado.
commands = Comandos y scripts
app = Aplicación
app-hint = La consola, para el comando bartizan, o una aplicación que pueda abrir.
make-token = Crear un token
what-a-token-is = Un token representa esta sesión donde no hay navegador. Termina con ella.
token-for = Un token para { $app }
token-stands-for = Representa su sesión en { $app } y termina con ella. Solo se muestra esta vez.
token-keep = Guárdelo en un archivo que solo usted pueda leer e indique ese archivo al comando:
token-file = ARCHIVO
token-header = Otros programas lo envían en la cabecera { $header }. Quien lo tenga puede actuar como usted: cierre sesión y dejará de funcionar.
back-to-account = Volver a su cuenta

## Lo que llega a saber otra aplicación

consent-heading = ¿Decir a { $client } quién es usted?
consent-lead = Ha iniciado sesión como { $who }. La aplicación es de otra persona. Llega a saber:
consent-openid = que es usted, cada vez que vuelve
consent-profile = su nombre y su nombre de usuario
consent-email = su dirección de correo
consent-groups = a cuáles pertenece de los grupos por los que pregunta
consent-agree = Aceptar
consent-refuse = No aceptar
consent-small = No se le volverá a preguntar por lo mismo. Lo que haga allí no lo vemos nosotros.
consent-act-heading = ¿Dejar que { $client } actúe por usted?
consent-act-lead = Ha iniciado sesión como { $who }. Lo pide un programa de este equipo. Acepte solo si acaba de iniciarlo usted, en un terminal. Podrá hacer:
consent-act = todo lo que usted puede hacer en la consola

## Un dispositivo sin navegador

device-heading = Conectar un dispositivo
device-lead = Escriba el código que muestra el dispositivo. Ha iniciado sesión como { $who }.
device-code = Código
device-code-hint = Ocho letras, por ejemplo WDJB-MJHT.
device-code-wrong = Ningún dispositivo espera este código. Compruébelo. Un código vale 10 minutos y una sola vez: el dispositivo puede mostrar otro.
device-ask = ¿Dejar que { $client } actúe por usted en otro dispositivo?
device-ask-lead = Ha iniciado sesión como { $who }. La aplicación llega a saber:
device-act-lead = Ha iniciado sesión como { $who }. Podrá hacer:
device-beware = ¿Alguien le ha enviado o dictado este código? Entonces quiere actuar en su nombre: no lo permita. Permítalo solo si ve el mismo código en un dispositivo suyo.
device-application = Aplicación
device-from = Pedido desde
device-when = Pedido
device-allow = Permitir
device-deny = No permitir
device-allow-small = Termina con esta sesión. Cierre la sesión aquí y también se cierra allí.
device-allowed = El dispositivo está conectado
device-allowed-why = { $client } sigue allí en un momento. Puede cerrar esta página.
device-denied = El dispositivo no está conectado
device-denied-why = No recibe nada. Si no lo empezó usted, diga a su administrador que alguien lo ha intentado.
device-over = Este código ya no vale
device-over-why = Su tiempo ha terminado o ya se decidió sobre él. Empiece de nuevo en el dispositivo.
device-another = Escribir otro código

## Cerrar sesión

you-are-signed-in-as = Ha iniciado sesión como
sign-out-closes = Al cerrar sesión se cierran todas las aplicaciones que abrió desde este navegador.
sign-out-and-switch = Cerrar sesión y usar otra cuenta
stay-signed-in = Mantener la sesión
signed-out = Ha cerrado sesión
signed-out-closed = Todas las aplicaciones que abrió desde este navegador están ahora cerradas para él.
sign-in-again = Iniciar sesión de nuevo

## Lo que no se puede hacer

start-again = Empezar de nuevo
go-to-account = Ir a su cuenta
stale = Esta página ya no es actual
stale-why = Estuvo abierta más de 10 minutos, o el inicio de sesión continuó en otra pestaña. No se ha cambiado nada.
provider-unreachable = No se puede contactar con el proveedor
provider-unreachable-why = Ahora no es posible iniciar sesión en { $provider }. Inicie sesión de otro modo o inténtelo de nuevo en un minuto.
no-token = No se ha creado ningún token
no-token-why = No existe la aplicación { $app }, o usted no puede tener un token para ella.
form-unreadable = Este formulario no se puede leer
form-unreadable-why = No es lo que envía la página, o es demasiado grande.
link-not-now = Este enlace no se puede usar ahora
not-how-opened = Así no se abre una aplicación
not-how-opened-why = Las aplicaciones se abren yendo a ellas, no desde dentro de otra página.
no-such-app = Esta aplicación no se puede abrir
no-such-app-why = El enlace no corresponde a ninguna aplicación existente. Abra la propia aplicación.
no-such-client = Esta aplicación no se conoce aquí
no-such-client-why = Le ha enviado aquí con un nombre o desde una dirección que nadie ha registrado. Vuelva a la aplicación y dígaselo a su administrador.
request-over = Ha tardado demasiado
request-over-why = Lo que pedía la aplicación ya no es válido. Vuelva a ella y empiece de nuevo.
no-page = Esta página no existe
no-page-why = No hay nada en esta dirección.
busy = Hay demasiadas personas iniciando sesión
busy-why = Vuelva atrás y envíelo de nuevo dentro de unos segundos. No se ha gastado nada.
paused = El inicio de sesión está en pausa
paused-unrecorded = En este momento no se puede registrar lo que ocurre, así que nada puede ocurrir. Lo que está abierto sigue abierto.
paused-unwritten = En este momento no se pueden guardar los inicios de sesión. Lo que está abierto sigue abierto.
broken = Aquí ha ocurrido un fallo
broken-why = No es culpa suya. Un administrador lo encontrará por el número de la solicitud.
