# La consola, para quien administra.

## La barra

place-overview = Resumen
place-decisions = Decisiones
place-sessions = Sesiones
place-access = Mapa de accesos
place-people = Personas
place-groups = Grupos
place-apps = Aplicaciones
place-clients = Clientes
place-policies = Políticas
place-points = Puntos de control

## Listas

list-search = Buscar
list-show = Mostrar
list-clear = Restablecer
list-any = cualquiera
list-nothing = Aquí no hay nada que corresponda a lo que ha pedido.
list-all = Mostrar todo
list-pages = Páginas
list-range = { $first }–{ $last } de { $total }
list-previous = Anterior
list-next = Siguiente
list-export = Llevarse como
list-changed = Modificado
list-changed-by = { $when } por { $author }
list-reading = { $count ->
    [one] La lista se está leyendo: { $count } entrada hasta ahora. Ocurre una vez tras cada arranque.
   *[other] La lista se está leyendo: { $count } entradas hasta ahora. Ocurre una vez tras cada arranque.
}
list-again = Mirar de nuevo
list-columns = Columnas
list-leave-out = Quitar { $name }
list-bring-back = Mostrar { $name }
views = Vistas que guarda
views-keep = Guardar esta vista
views-forget-some = Olvidar una vista
views-name = Nombre
views-forget = Olvidar { $name }
list-no-one = ninguno
confirm-leave = Dejarlo como está

## Finding

find-title = Búsqueda
find-help = Escriba un nombre, un host, una política o el identificador de una solicitud.
find-place = Página
find-decision = Decisión
find-action = Acción
find-access = Lo que { $name } puede abrir
find-decisions = Decisiones sobre { $name }

## Historial

history = Historial
history-change = Revisión { $revision } de { $author }, { $when }
history-deleted = eliminado
history-first = primera conocida
history-back = Volver a la revisión { $revision }
history-diff = Lo que cambió la revisión { $revision }
history-more = Los cambios más antiguos también se conservan; «bartizan history» los muestra.
history-unchanged = No se ha cambiado nada.
back-title = ¿Devolver { $name } a la revisión { $revision }?
back-becomes = { $name } vuelve a ser lo que { $author } hizo de ello ({ $when }). Es un cambio nuevo, que también se puede deshacer.
back-deleted = Entonces estaba eliminado, así que se elimina de nuevo.
back-changes = Lo que cambia
back-cuts = Todo lo que está abierto se decide de nuevo, y se corta si ya no está permitido.
back-done = { $cut ->
    [one] Devuelto a la revisión { $to }, como revisión { $revision }; { $cut } conexión cortada.
   *[other] Devuelto a la revisión { $to }, como revisión { $revision }; { $cut } conexiones cortadas.
}

## Personas

people-person = Persona
people-login = Inicia sesión como
people-login-hint = Letras minúsculas y cifras, como el nombre de su correo.
people-full-name = Nombre completo
people-mail = Correo
people-role = Función
people-state = Estado
people-active = Activa
people-disabled = Bloqueada
people-admin = Administrador
people-erased = borrada
people-sign-ins = Sesiones
people-live = Conexiones
people-none = Aún no hay nadie. Invite abajo a la primera persona, o con:
people-back = Volver a las personas
person-gone = Esta cuenta está eliminada. Vuelva abajo a una revisión anterior, si hace falta de nuevo.
person-groups = Grupos
person-id = Identificador
person-sign-ins = Sesiones abiertas
person-signed-out = Ahora no ha iniciado sesión.
person-decisions-none = Aún no se ha decidido nada sobre una aplicación para esta persona.
person-disable = Bloquear
person-enable = Desbloquear
person-access = Lo que puede abrir
person-link = Enlace de acceso
person-invite = Invitar de nuevo
session-since = Desde
session-seen = Última actividad
session-by = Iniciada con
session-end = Terminar
object-decisions = Últimas decisiones
object-decisions-all = Todas las decisiones
disable-title = ¿Bloquear a { $name }?
disable-open-nothing = No se cortaría nada de { $name }: no hay nada abierto.
disable-open = { $live ->
    [one] Se cortaría enseguida { $live } conexión abierta de { $name }: solicitudes, flujos y descargas acaban antes de tiempo.
   *[other] Se cortarían enseguida { $live } conexiones abiertas de { $name }: solicitudes, flujos y descargas acaban antes de tiempo.
}
disable-sign-ins = { $count ->
    [one] { $count } sesión dejaría de servir, y también sus tokens.
   *[other] { $count } sesiones dejarían de servir, y también sus tokens.
}
disable-back = No se elimina nada: al desbloquear la cuenta vuelve todo salvo lo que se cortó.
disable-verb = Bloquear a { $name }
disable-verb-cut = { $live ->
    [one] Bloquear a { $name } y cortar { $live } conexión abierta
   *[other] Bloquear a { $name } y cortar { $live } conexiones abiertas
}
disable-done = { $cut ->
    [one] { $name } queda bloqueada; { $cut } conexión cortada en { $took }.
   *[other] { $name } queda bloqueada; { $cut } conexiones cortadas en { $took }.
}
disable-was = { $name } ya estaba bloqueada.
enable-title = ¿Desbloquear a { $name }?
enable-effect = { $name } podrá de nuevo todo lo que permitan las políticas, con los factores y grupos que tenía.
enable-verb = Desbloquear a { $name }
enable-done = { $name } puede actuar de nuevo.
enable-was = { $name } no estaba bloqueada.
invite-new = Invitar a alguien
invite-no-login = Escriba con qué nombre iniciará sesión.
invite-taken = Ya existe { $login }. Invite de nuevo a esa persona en su página, si es lo que quiere.
invite-title = Una invitación para { $name }
invite-again-title = ¿Invitar de nuevo a { $name }?
invite-effect = Crea un enlace que sirve una vez. Con él, { $name } elige una contraseña y una aplicación de autenticación nuevas: para quien ha perdido las suyas.
invite-ends = En cuanto se usa, sustituye a todos sus factores y termina sus sesiones (ahora { $count ->
    [one] { $count } sesión
   *[other] { $count } sesiones
}, { $live ->
    [one] { $live } conexión abierta
   *[other] { $live } conexiones abiertas
}). Hasta entonces no cambia nada.
invite-care = Quien tenga el enlace puede tomar la cuenta: entréguelo donde sepa quién escucha.
invite-verb = Crear una invitación
link-ask-title = ¿Un enlace de acceso para { $name }?
link-title = Un enlace de acceso para { $name }
link-effect = Crea un enlace que sirve una vez y vale por la contraseña de { $name }. El segundo factor se sigue pidiendo.
link-touches-nothing = No se toca nada de lo que está abierto.
link-verb = Crear un enlace de acceso
link-hand-over = Entregue este enlace. Sirve una vez, hasta { $until } (quedan { $left }), y no se muestra de nuevo.
link-created = La cuenta ya existe, en ningún grupo salvo en los que usted la añada.

## Grupos

group = Grupo
group-effective = Personas en total
group-direct = Nombradas en él
group-inner = Grupos que contiene
group-outer = Está en
group-people = { $count ->
    [one] { $count } persona en total
   *[other] { $count } personas en total
}
group-empty = No hay nadie en él, ni directamente ni a través de otro grupo.
group-more = { $count ->
    [one] Y { $count } persona más.
   *[other] Y { $count } personas más.
}
group-gone = Este grupo está eliminado. Vuelva abajo a una revisión anterior, si hace falta de nuevo.
groups-by-files = En total cuentan quienes están en un grupo y quienes están en los grupos que contiene. Los grupos se cambian con archivos: { $command }
groups-none = Aún no hay ningún grupo. Lo mejor es escribir las políticas sobre grupos. Declare uno en un archivo, y después:

## Aplicaciones

app = Aplicación
app-host = Host
app-server = Servidor
app-own = Bartizan mismo
app-plain = HTTP sin cifrar aceptado
app-own-ca = CA propia
app-sees-host = Ve como host
app-host-public = el nombre público
app-host-its-own = su propio nombre
app-audit = Auditoría
app-audit-normal = normal
app-audit-strict = estricta
app-told-groups = Sabe de los grupos
app-lease = Plazo sin contacto
app-lease-seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
app-relax = Acepta aunque los servidores difieran
app-access = Quién puede abrirla
app-policies = Políticas sobre ella
app-policies-none = Ninguna política trata de ella, así que se deniega a todos.
app-decisions-none = Aún no se ha decidido nada sobre ella.
app-gone = Esta aplicación está eliminada. Vuelva abajo a una revisión anterior, si hace falta de nuevo.
apps-by-files = Las aplicaciones se cambian con archivos: { $command }
apps-none = Aún no hay ninguna aplicación detrás de la pasarela. Declare una en un archivo, y después:

## Proteger una aplicación

protect-app = Proteger una aplicación
protect-title = Proteger una aplicación
protect-title-of = Proteger { $app }
protect-steps = Pasos
protect-step-where = ¿Dónde está?
protect-step-who = ¿Quién puede entrar?
protect-step-what = ¿Qué pasaría?
protect-back = Atrás
protect-what = Indique dónde está su servidor. No se crea nada antes del último paso, y al volver atrás no se pierde nada.
protect-server = Dirección de su servidor
protect-server-hint = Donde responde ahora, por ejemplo http://127.0.0.1:3000 o https://wiki.internal.
protect-name = Nombre
protect-name-hint = Cómo se llama aquí, en minúsculas. Si queda vacío, se toma de la dirección.
protect-host-hint = Lo que se escriba en el navegador. Si queda vacío, es el nombre bajo { $domain }.
protect-special = Algo especial de su servidor
protect-special-server = Sobre su servidor
protect-special-hint = La primera dice que la red hasta él se guarda lo que va sin cifrar. La segunda es para servidores que solo conocen su propio nombre, y no el host de arriba.
protect-plaintext = Se acepta http sin cifrar
protect-own-name = Llamarlo por su propio nombre
protect-ca = Certificados de su propia autoridad
protect-ca-hint = Solo si esta máquina no confía en su certificado: el texto desde BEGIN CERTIFICATE hasta END CERTIFICATE.
protect-look = Mirar el servidor
protect-seen = Lo que se ve de él
protect-seen-here = Visto desde esta máquina. No se siguió ninguna redirección ni se guardó nada de una página.
protect-seen-elsewhere = Las pasarelas de otras máquinas quizá lo vean de otro modo.
protect-next-who = Seguir: ¿quién puede entrar?
protect-next-anyway = Seguir de todos modos: ¿quién puede entrar?
protect-busy = Ahora mismo se miran demasiados servidores. Vuelva a mirar en unos segundos.
protect-long = Es demasiado para una dirección. Deje fuera los certificados y añádalos después con un archivo.
protect-no-server = Indique dónde está su servidor.
protect-server-form = Escriba http:// o https://, un nombre o una dirección, y un puerto si no es el habitual; sin ruta.
protect-name-form = Use de 1 a 56 caracteres de a–z, 0–9, «-», «_» y «.», empezando por una letra o una cifra.
protect-name-reserved = «{ $name }» es uno de los hosts propios de este despliegue. Elija otro nombre.
protect-name-taken = Ya hay una aplicación «{ $name }». Elija otro nombre.
protect-policy-taken = Ya hay una política «{ $policy }», y así se llamaría la que deja entrar. Elija otro nombre.
protect-no-host = Indique con qué nombre se llega a ella.
protect-host-form = Esto no es un nombre de host. Use a–z, 0–9 y «-» con puntos entre medias, en minúsculas, sin https:// y sin puerto.
protect-host-own = «{ $host }» pertenece al propio despliegue. Elija otro host.
protect-host-taken = «{ $host }» ya pertenece a la aplicación «{ $app }». Elija otro host.
protect-host-other = «{ $host }» no está bajo { $domain }: necesita su propio registro en el DNS y un certificado que lo cubra.
protect-ca-form = Aquí no hay ningún certificado. Pegue el texto desde BEGIN CERTIFICATE hasta END CERTIFICATE.
protect-ca-long = Son más de 4.000 caracteres. Déjelos fuera y añádalos después con un archivo.
protect-plaintext-refused = Lo que se haga allí iría sin cifrar por la red. Use https, o marque la primera casilla si esa red se lo guarda.

protect-seen-name = { $host } es { $addresses }.
protect-seen-reached = Algo escucha en { $address }.
protect-seen-public-ca = Su certificado es para { $names }, emitido por { $issuer }, de confianza para esta máquina y válido { $ends } más.
protect-seen-own-ca = Su certificado es para { $names }, emitido por { $issuer }, de confianza por lo que usted pegó y válido { $ends } más.
protect-seen-answer = Responde con el estado { $status }.
protect-seen-answer-of = Responde con el estado { $status } y se llama { $server }.
protect-seen-refuses = Rechaza a quien no conoce, como hacen muchos.
protect-seen-empty = En su primera página no hay nada. Algunos servidores son así; otros no son el que busca.
protect-seen-wrong-host = Quizá quiere que se le llame por su propio nombre: marque esa casilla y vuelva a mirar.
protect-seen-trouble = Está ahí y tiene problemas: mire su propio registro.
protect-seen-sends = Lleva a la gente a { $to }.
protect-seen-sends-away = Manda a la gente a { $to }.
protect-seen-past = Es otro host, fuera de este despliegue. Quizá quiere que se le llame por su propio nombre: marque esa casilla y vuelva a mirar. O dígale su nuevo nombre en sus propios ajustes.
protect-seen-wants-tls = Quiere TLS: escriba https:// en su dirección.
protect-seen-password = Tiene su propio inicio de sesión: primero se inicia sesión aquí y luego allí.
protect-stop-name = Nadie encuentra { $host }.
protect-stop-name-help = Corrija el nombre en el DNS o en /etc/hosts de esta máquina.
protect-stop-refused = Nada escucha en { $address }.
protect-stop-refused-help = Arranque el servidor o corrija el puerto.
protect-stop-unreachable = No se llega a { $address }: { $why }.
protect-stop-unreachable-help = Corrija la dirección o la red que hay en medio.
protect-stop-no-tls = Lo que responde en { $address } no habla TLS.
protect-stop-no-tls-help = Escriba http:// en su dirección o corrija el puerto.
protect-stop-authority = Lo que muestra { $address } no se puede comprobar: { $why }.
protect-stop-no-http = Lo que responde en { $address } no es un servidor web, o colgó: { $why }.
protect-stop-no-http-help = Corrija el puerto; si quiere TLS, escriba https://.
protect-stop-late = { $address } no respondió en 5 segundos.
protect-stop-late-help = Quizá un cortafuegos descarta lo que va hacia allí, o el servidor está atascado.
protect-stop-issuer = Su certificado es para { $names }, emitido por { $issuer }, en quien esta máquina no confía.
protect-stop-issuer-help = Pegue el certificado de esa autoridad en «Algo especial», o haga que lo emita una de confianza.
protect-stop-ended = Su certificado, para { $names } y emitido por { $issuer }, ha caducado o aún no es válido.
protect-stop-ended-help = Renuévelo y mire la hora de ambas máquinas.
protect-stop-names = Su certificado es para { $names }, emitido por { $issuer }, y no para el nombre de la dirección.
protect-stop-names-help = Escriba uno de estos nombres en su dirección.
protect-stop-certificate = El certificado de { $address } no se acepta: { $why }.
protect-stop-certificate-help = Haga que emitan otro.

protect-who = Sin una política que deje entrar, nadie abre { $app }. Aquí se crea una.
protect-whom = Quién puede entrar
protect-whom-new = Un grupo nuevo, con el nombre de abajo
protect-whom-everybody = Cualquiera que inicie sesión
protect-whom-group = { $count ->
    [one] Grupo { $group } ({ $count } persona)
   *[other] Grupo { $group } ({ $count } personas)
}
protect-group = Nombre del grupo nuevo
protect-members = Quién está en él
protect-members-are = Por ejemplo { $logins }.
protect-members-hint = Nombres de acceso de personas, o nombres de grupos, separados por espacios.
protect-asks = Su inicio de sesión
protect-asks-strong = Con dos factores
protect-asks-today = Con dos factores, en las últimas 8 horas
protect-asks-any = Cualquiera
protect-next-what = Seguir: ¿qué pasaría?
protect-no-whom = Elija quién puede entrar.
protect-group-form = Use de 1 a 63 caracteres de a–z, 0–9, «-», «_» y «.», empezando por una letra o una cifra.
protect-group-taken = Ya hay un grupo «{ $name }». Elíjalo arriba, o use otro nombre.
protect-no-members = Nombre al menos a una persona o un grupo.
protect-many-members = Son más de 50. Cree el grupo con un archivo.
protect-no-member = No hay ninguna persona ni ningún grupo «{ $name }». Invite primero, en «Personas».
protect-both = «{ $name }» es a la vez una persona y un grupo: escriba «user:{ $name }» o «group:{ $name }».
protect-reason-everybody = Cualquiera que inicie sesión puede abrir { $app }
protect-reason-group = El grupo { $group } puede abrir { $app }
protect-reason-strong = , tras un inicio de sesión fuerte
protect-reason-today = , tras un inicio de sesión fuerte de las últimas 8 horas

protect-make = Proteger { $app }
protect-refused = Así no se puede crear.
protect-nobody = Nadie entraría todavía en { $app }: no hay nadie en ese grupo, o todos están desactivados.
protect-enter = { $count ->
    [one] { $count } de { $all } personas entraría en { $app } si acabara de iniciar sesión. A las demás se les deniega.
   *[other] { $count } de { $all } personas entrarían en { $app } si acabaran de iniciar sesión. A las demás se les deniega.
}
protect-enter-many = Con más de 5.000 personas no se cuenta quién entraría en { $app }. Después lo dice el mapa de acceso.
protect-reached = Cómo se llega a ella
protect-opened-at = Se abre
protect-name-leads = Su nombre
protect-certificate = Su certificado
protect-leads-unseen = No se ha comprobado hace poco. Vuelva atrás y mire el servidor para saberlo.
protect-leads-local = { $host } lleva a cada navegador a su propia máquina, sin DNS.
protect-leads-here = { $host } lleva a esta máquina.
protect-leads-away = { $host } lleva a { $addresses }, que no es una dirección de esta máquina. Está bien si algo delante lo pasa, o si lo sirve otra pasarela.
protect-leads-nowhere = { $host } aún no lleva a ninguna parte. Añada al DNS un registro que lleve a esta máquina.
protect-certified-supplied = de los archivos de la configuración
protect-certified-own = de la autoridad propia del despliegue, automáticamente
protect-certified-public = de { $authority }, en cuanto su nombre lleve aquí
protect-made = Lo que se crea
protect-created = Nuevo: { $names }.
protect-same = Lo mismo con un comando
protect-same-how = Ponga esto en una carpeta y aplíquela. El botón de arriba no hace nada más.
protect-done = { $app } está protegida desde la revisión { $revision }.
protect-everywhere = Todas las pasarelas la conocen.
protect-not-everywhere = Aún no la conocen todas las pasarelas. Hasta entonces, allí se deniega.
protect-open = Se abre en { $url }
protect-try = Probarla como alguien
protect-try-how = Lo que se decidiría ahora si esa persona abriera su primera página. No se abre ni se cambia nada.
protect-try-session = Decidido como en su inicio de sesión más reciente.
protect-try-assumed = Esa persona no ha iniciado sesión: se supone un inicio de sesión fuerte de este momento.
protect-try-verb = Probar
protect-try-title = Probar { $app } como alguien
protect-try-missing = no se cumple: { $condition }, encontrado { $value }
protect-try-no-way = Nada de lo que pueda hacer esa persona lo cambia.
protect-to-app = A { $app }

## Políticas

policy = Política
policy-effect = Efecto
policy-permits = Permite
policy-forbids = Prohíbe
policy-about = Para qué es
policy-no-reason = No lo dice.
policies-rule = Lo que ninguna permite se deniega, y lo que una prohíbe queda prohibido, permitan lo que permitan las demás.
policies-none = No hay ninguna política, así que se deniega todo. Escriba una en un archivo «.cedar», y después:

## Mapa de accesos

access-person = Persona (nombre de acceso)
access-app = Aplicación
access-no-person = No hay ninguna persona «{ $name }».
access-no-app = No hay ninguna aplicación «{ $name }».
access-whole = Todo el mapa
access-of-person = Lo que { $name } puede abrir, y según qué políticas.
access-of-app = Quién puede abrir { $app }, y según qué políticas.
access-of-all = De quién trata cada política, y de qué aplicaciones. Elija una persona o una aplicación para ver quién entra.
access-supposed = Decidido ahora, como si cada persona acabara de iniciar sesión con fuerza desde donde está usted, en ningún dispositivo conocido.
access-whom = De quién se trata
access-more = Hay más: la tabla los tiene todos.
access-answer = Respuesta
access-because = Porque
access-about = Qué aplicaciones
access-permitted = Permitido
access-denied = No permitido
access-permits = permitido por { $policies }
access-forbids = prohibido por { $policies }
access-no-policy = ninguna política lo permite
access-everybody = quien haya iniciado sesión
access-services = programas que actúan por sí mismos
access-anybody = cualquiera
access-strangers = quien no ha iniciado sesión
access-all-apps = todas las aplicaciones
access-all-clients = todos los clientes
access-administration = la administración
access-many = Acote las personas con una búsqueda; entonces también se distinguen por la respuesta.
access-people = { $count ->
    [one] { $count } persona
   *[other] { $count } personas
}

## El resumen: qué ocurrió, cómo está todo, qué requiere atención

overview-activity = Decisiones sobre aplicaciones
overview-utc = Horas en UTC
overview-span = Período mostrado
overview-span-day = 24 horas
overview-span-week = 7 días
overview-span-month = 30 días
overview-nothing = En este período no se decidió nada sobre ninguna aplicación. Cada petición a una aplicación deja aquí una decisión.
overview-nothing-try = Muestre más días o pregunte qué se decidiría: { $command }
overview-reasons = Por qué se denegaron peticiones
overview-no-reasons = En este período no se denegó nada.
overview-now = Ahora
overview-live = Flujos abiertos
overview-sign-ins = Inicios de sesión
overview-people = { $count ->
    [one] de { $count } persona
   *[other] de { $count } personas
}
overview-log = Registro de evidencias
overview-log-size = { $count ->
    [one] { $count } entrada
   *[other] { $count } entradas
}
overview-log-signed = firmado { $when }
overview-log-indexed = { $count ->
    [one] { $count } entrada aún no aparece en las búsquedas
   *[other] { $count } entradas aún no aparecen en las búsquedas
}
overview-log-verify = Demuestre que está íntegro: { $command }
overview-log-whole = Íntegro
overview-log-damaged = Dañado
overview-log-checked = verificado { $when }
overview-certificates = Certificados
overview-authority = Autoridad propia
overview-days-left = { $days ->
    [0] caduca hoy
    [one] caduca en { $days } día
   *[other] caduca en { $days } días
}
overview-latest = Últimas decisiones
overview-all-decisions = Todas las decisiones
overview-latest-none = Todavía no se ha decidido nada sobre ninguna aplicación. Abra una y la decisión aparecerá aquí.
overview-latest-try = Ver qué aplicaciones hay: { $command }
overview-cuts = Cortado recientemente
overview-all-cuts = Todos los cortes
overview-cuts-none = No se cortó nada. Lo que se corta porque ya no está permitido aparece aquí, con el motivo.
overview-cuts-try = Terminar lo que alguien tiene abierto: { $command }
overview-left-out = Aquí no figuran las decisiones sobre la consola ni sobre las páginas de inicio de sesión.
overview-own-count = Contarlas también
overview-own-counted = El gráfico cuenta también las decisiones sobre la consola y las páginas de inicio de sesión.
overview-own-leave = No contarlas

chart-caption-day = Decisiones sobre aplicaciones de las últimas 24 horas, por resultado
chart-caption-week = Decisiones sobre aplicaciones de los últimos 7 días, por resultado
chart-caption-month = Decisiones sobre aplicaciones de los últimos 30 días, por resultado
chart-show-table = Mostrar como tabla
chart-time = Hora (UTC)
chart-sum = En total
chart-number = { $number }
chart-permit = Permitido
chart-step-up = Acceso reforzado
chart-deny = Denegado
chart-cut = Cortado
chart-said = { $when } UTC: { $what }
chart-said-permit = { $count ->
    [one] { $count } permitida
   *[other] { $count } permitidas
}
chart-said-step-up = { $count } con acceso reforzado solicitado
chart-said-deny = { $count ->
    [one] { $count } denegada
   *[other] { $count } denegadas
}
chart-said-cut = { $count ->
    [one] { $count } cortada
   *[other] { $count } cortadas
}
chart-hours = { $day }, { $from }–{ $to }
chart-weekday = { $weekday } { $day }
chart-date = { $day } { $month }
chart-monday = lun
chart-tuesday = mar
chart-wednesday = mié
chart-thursday = jue
chart-friday = vie
chart-saturday = sáb
chart-sunday = dom
chart-january = ene
chart-february = feb
chart-march = mar
chart-april = abr
chart-may = may
chart-june = jun
chart-july = jul
chart-august = ago
chart-september = sept
chart-october = oct
chart-november = nov
chart-december = dic

attention-title = Requiere atención
attention-nothing = Nada de lo que aquí se sabe requiere atención.
attention-spool-fails = No se pueden escribir evidencias en el disco de esta máquina, así que se rechazan las peticiones.
attention-spool-fills = Hay evidencias en espera en esta máquina y ocupan el { $percent } % de su espacio. Cuando se llene, se rechazarán las peticiones.
attention-damaged = { $count ->
    [one] El registro de evidencias no está como se firmó: se encontró { $count } problema.
   *[other] El registro de evidencias no está como se firmó: se encontraron { $count } problemas.
}
attention-missed = { $count ->
    [one] { $count } flujo se cortó más tarde de lo debido. Es un fallo nuestro.
   *[other] { $count } flujos se cortaron más tarde de lo debido. Es un fallo nuestro.
}
attention-point-out = { $name } está ausente y no decide nada: no se puede llegar a sus aplicaciones.
attention-point-away = No se sabe nada de { $name }.
attention-point-behind = { $name } no ha confirmado un cambio desde hace { $seconds ->
    [one] { $seconds } segundo
   *[other] { $seconds } segundos
}.
attention-point-fills = { $name } guarda { $count ->
    [one] { $count } evento que el registro aún no tiene
   *[other] { $count } eventos que el registro aún no tiene
}.
attention-authority-ends = { $days ->
    [0] El certificado de la autoridad de esta instalación caduca hoy.
    [one] El certificado de la autoridad de esta instalación caduca en { $days } día.
   *[other] El certificado de la autoridad de esta instalación caduca en { $days } días.
} Quienes confían en ella tienen que recibir el siguiente.
attention-certificate-ends = { $days ->
    [0] El certificado de { $name } caduca hoy.
    [one] El certificado de { $name } caduca en { $days } día.
   *[other] El certificado de { $name } caduca en { $days } días.
} Haga que lo renueven; el archivo nuevo se adopta solo.
attention-authority-ended = El certificado de la autoridad de esta instalación ha caducado.
attention-certificate-ended = El certificado de { $name } ha caducado: los navegadores rechazan esos hosts.
attention-person = A { $name } se le denegó el acceso { $recent ->
    [one] una vez
   *[other] { $recent } veces
} en las últimas 24 horas; { $days ->
    [one] el día anterior
   *[other] en los { $days } días anteriores
}, { $before ->
    [0] ninguna
    [one] una
   *[other] { $before }
}.
attention-app = { $name } denegó { $recent ->
    [one] una petición
   *[other] { $recent } peticiones
} en las últimas 24 horas; { $days ->
    [one] el día anterior
   *[other] en los { $days } días anteriores
}, { $before ->
    [0] ninguna
   *[other] { $before }
}.
attention-unindexed = { $count ->
    [one] Las búsquedas no encuentran la entrada más reciente del registro.
   *[other] Las búsquedas no encuentran las { $count } entradas más recientes del registro.
}
attention-see-points = Ver los puntos
attention-see-denials = Ver las denegaciones

## Primeros pasos

start-title = Primeros pasos
start-so-far = { $done } de { $all } están hechos.
start-go-on = El resto puede hacerse en cualquier orden, o más tarde. Cada paso muestra el comando que hace lo mismo.
start-over = Está hecho todo lo que quería. Así están las cosas.
start-by-command = Con un comando:
start-done = Hecho
start-next = Siguiente
start-open = Abierto
start-later = Para más tarde
start-leave = Dejar para más tarde: { $step }
start-take-up = Retomar: { $step }
start-sign-in = Su inicio de sesión
start-domain = Nombres y certificados
start-app = La primera aplicación
start-second = Una segunda persona
start-denial = Una denegación, explicada
start-you-are = Inicia sesión como { $login }, con contraseña y una aplicación de autenticación. Los códigos de recuperación son para el día en que falte el teléfono.
start-password = Contraseña desde
start-authenticator = Autenticador desde
start-passkeys = Llaves de acceso
start-passkeys-count = { $count ->
    [0] Ninguna
   *[other] { $count }
}
start-codes = Códigos de recuperación
start-codes-left = { $count ->
    [one] queda { $count }
   *[other] quedan { $count }
}
start-no-factors = No se sabe nada de cómo inicia sesión.
start-to-account = Ir a su cuenta
start-trust = Los navegadores avisan de los certificados de la autoridad propia hasta que confían en ella: haga que las máquinas de su gente confíen en { $file }. Su certificado
start-certificate = Su certificado viene { $from }.
start-app-none = Aún no hay ninguna aplicación protegida. Necesita la dirección donde responde ahora.
start-app-there = { $app } está protegida y se abre en { $url }
start-second-none = Por ahora no hay nadie más. Invite a alguien, para ver lo que ven los demás.
start-second-there = { $name } también puede iniciar sesión. Pruebe antes qué puede abrir.
start-denial-none = Aún no se ha denegado una aplicación a nadie que tuviera sesión iniciada. Abra una como alguien que no puede, y el motivo estará aquí.
start-to-denial = Ver por qué
start-first = Aún no hay nada protegido
start-first-how = Unos pocos pasos llevan de aquí a una aplicación en la que algunos pueden entrar y a los demás se les dice por qué no.
start-begin = Empezar
start-still-open = { $count ->
    [one] Primeros pasos: queda { $count } abierto
   *[other] Primeros pasos: quedan { $count } abiertos
}

## En muchas páginas: qué se quería, por qué se denegó, cuánto tiempo

to-do = { $action ->
    [http-read] leer { $resource }
    [http-write] escribir en { $resource }
    [token-issue] obtener un token para { $resource }
    [admin-read] ver en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
    [admin-write] cambiar en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
   *[other] { $verb }: { $resource }
}
together = { $some } y { $last }
length-less = menos de un segundo
length-seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
length-minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
length-hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
length-days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
took-millis = { $millis } ms
took-seconds = { $whole },{ $tenths } s
reason-sign-in-required = nadie ha iniciado sesión
reason-session-ended = la sesión ha terminado
reason-step-up-required = se exige un inicio de sesión más fuerte o más reciente
reason-denied-by-policy = ninguna política lo permite, o alguna lo prohíbe
reason-subject-disabled = la cuenta está bloqueada
reason-risk-too-high = la cuenta tiene una actividad inusual
reason-device-not-trusted = el dispositivo no está en orden
reason-evidence-unavailable = no se puede registrar nada
reason-lease-expired = la pasarela está aislada de su plano de control
reason-overloaded = hay demasiada actividad en curso
refused-sign-in-required = Inicie sesión para abrir esto
refused-session-ended = Su sesión ha terminado
refused-step-up-required = Esto requiere un acceso reforzado
refused-denied-by-policy = No tiene acceso a esto
refused-subject-disabled = Esta cuenta está bloqueada
refused-risk-too-high = El acceso está en pausa para esta cuenta
refused-device-not-trusted = Este dispositivo no puede abrir esto
refused-evidence-unavailable = El acceso está en pausa: no se puede registrar nada
refused-lease-expired = El acceso está en pausa: esta pasarela está aislada de su plano de control
refused-overloaded = Hay demasiada actividad en curso

## La lista de decisiones

live-on = En vivo: lo que llega aparece aquí
live-stale = Nadie responde desde { $time }; lo que hay aquí es anterior
live-stop = Detener
live-start = Seguir lo que llega
decisions-person-is = La persona es
decisions-app-is = La aplicación es
decisions-outcome-is = El resultado es
decisions-reason-is = El motivo es
decisions-request-is = La solicitud es
decisions-since = Desde (24h, 7d, un momento)
decisions-until = Hasta
decisions-hosts-are = Los hosts son
decisions-hosts-apps = solo aplicaciones
decisions-hosts-all = todos, también la consola
decisions-at-most = Como máximo
decisions-permitted = permitido
decisions-denied = denegado
decisions-cut = cortado
decisions-no-request = Esto no es el número de una solicitud.
decisions-no-time = Escriba 24h, 7d o 2026-01-31T09:00:00Z.
decisions-outcome = Resultado
decisions-wanted = Quería
decisions-when = Cuándo
decisions-request = Solicitud
decisions-forbids = { $policy } lo prohíbe
decisions-permits = { $policy } lo permite
decisions-nobody = Nadie con sesión iniciada
decisions-none = Aún no hay registrada ninguna decisión sobre una aplicación. Cada solicitud a una aplicación deja una aquí.
decisions-none-try = Pregunte por una de las aplicaciones de la demostración: { $command } dice qué se decidiría.
decisions-none-like = Ninguna decisión corresponde a esto. Amplíe el período o { $clear }.
decisions-clear-filter = restablezca el filtro
decisions-not-searched = Corrija lo que está marcado arriba; no se ha buscado nada.
decisions-count = { $count ->
    [one] { $count } decisión, la más reciente primero.
   *[other] { $count } decisiones, las más recientes primero.
}
decisions-more = Puede haber más: acorte el período o muestre más a la vez.
decisions-left-out = La consola y las páginas de inicio de sesión se han omitido.

## Una decisión

decision-of-request = solicitud
decision-was-cut = Se cortó { $when }.
decision-was-cut-because = Se cortó { $when }: { $reason }.
decision-no-remedy = Nada de lo que haga la persona cambia esto. Hace falta un cambio de un administrador: lo que lo impide está marcado.
decision-policies = Lo que dicen las políticas
decision-asked = Lo que se pidió
decision-asker = Quién lo pidió, en ese momento
decision-proof = Prueba
decision-stranger = alguien que no ha iniciado sesión
decision-may = { $action ->
    [http-read] { $name } puede leer { $resource }
    [http-write] { $name } puede escribir en { $resource }
    [token-issue] { $name } puede obtener un token para { $resource }
    [admin-read] { $name } puede ver en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
    [admin-write] { $name } puede cambiar en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
   *[other] { $name } puede hacer «{ $verb }» en { $resource }
}
decision-may-not = { $action ->
    [http-read] { $name } no puede leer { $resource }
    [http-write] { $name } no puede escribir en { $resource }
    [token-issue] { $name } no puede obtener un token para { $resource }
    [admin-read] { $name } no puede ver en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
    [admin-write] { $name } no puede cambiar en la administración { $resource ->
        [objects] los objetos
        [people] las personas
        [sessions] las sesiones
        [log] el registro
       *[other] { $resource }
    }
   *[other] { $name } no puede hacer «{ $verb }» en { $resource }
}
decision-yes = Permitido: { $may }: { $why }.
decision-yes-only = Permitido: { $may }.
decision-no = Denegado: { $may }: { $why }.
decision-not-yet = Todavía no: { $may }: { $why }.
decision-permitted-by = { $count ->
    [one] la política { $policies } lo permite
   *[other] las políticas { $policies } lo permiten
}
decision-forbidden-by = { $count ->
    [one] la política { $policies } lo prohíbe
   *[other] las políticas { $policies } lo prohíben
}
decision-nearest-misses = { $count ->
    [one] ninguna política lo permite; una condición de { $policy } no se cumple
   *[other] ninguna política lo permite; { $count } condiciones de { $policy }, la más cercana, no se cumplen
}
decision-about-nothing = ninguna política trata de ello
decision-wants-stronger = la política { $policy } exige un inicio de sesión más fuerte o más reciente
decision-remedies = Lo que lo permitiría
decision-smallest-change = Cambio mínimo
decision-tried = Cada una se probó con lo que se sabía entonces y cambia la respuesta.
way-sign-in = Iniciar sesión
way-sign-in-again = Iniciar sesión de nuevo
way-confirm = Confirmar la identidad con un segundo factor
way-sign-in-strongly = Iniciar sesión de nuevo, con un segundo factor
way-mend-device = Poner en orden este dispositivo
way-enrol-device = Registrar este dispositivo
way-switch-account = Usar otra cuenta
way-await-review = Esperar a que se revise la actividad inusual de esta cuenta
way-await-time = Esperar hasta el { $time }
way-with-advice = { $way }. { $advice }
decision-none-asked = No se consultó ninguna política: ya estaba claro antes.
decision-none-about = Ninguna política trata de esto. Sin una que lo permita, se deniega todo.
decision-write-one = Escriba una y después { $command }.
decision-further = { $count ->
    [one] { $count } política más lejana
   *[other] { $count } políticas más lejanas
}
decision-permits-this = Permite esto
decision-forbids-this = Prohíbe esto
decision-would-permit = Permitiría, no se aplica
decision-would-forbid = Prohibiría, no se aplica
decision-smallest-is = Cambio mínimo: { $way }.
decision-smallest-alone = Cambio mínimo: solo falta esto.
decision-missing-too = También falta.
decision-one-missing = { $count ->
    [one] Falta { $count }.
   *[other] Una de las { $count } que faltan.
}
decision-in-the-way = Lo impide: tendría que desaparecer.
decision-nearest = La más cercana a un sí
decision-holds = Se cumple
decision-fails = No se cumple
decision-met = se encontró { $value }
decision-no-conditions = No tiene condiciones: trata de todo.
decision-wanted = Quería
decision-on = { $action } en { $kind } { $resource }
decision-from = Desde
decision-with = Con
decision-revision = Revisión
decision-sign-in = Inicio de sesión
decision-no-sign-in = ninguno
decision-sign-in-gone = lo que se sabía de él ya no se conserva
decision-signed-in-by = { $level ->
    [strong] fuerte, con { $methods }
    [basic] sencillo, con { $methods }
   *[other] { $level }, con { $methods }
}
decision-signed-in = Sesión iniciada
decision-before = { $length } antes
decision-factor = Segundo factor
decision-no-factor = ninguno
decision-session = Sesión
decision-device = Dispositivo
decision-in-order = en orden
decision-not-in-order = no está en orden
decision-managed = gestionado
decision-no-device = ninguno registrado
decision-risk = Riesgo
decision-risk-of = { $risk } de 100
decision-entry = Entrada del registro
decision-event = Evento
decision-decision = Decisión
decision-prove = Demostrarlo
decision-checkpoint = El punto de control firmado del registro

## Las sesiones, y cómo terminarlas

live-streams = { $count ->
    [one] { $count } conexión abierta
   *[other] { $count } conexiones abiertas
}
sessions-you = Usted, aquí
sessions-none = Nadie ha iniciado sesión. Cada sesión figura aquí hasta que termina.
sessions-none-try = Dejar entrar a alguien: { $command }
sessions-count = { $sessions ->
    [one] { $sessions } sesión
   *[other] { $sessions } sesiones
} de { $people ->
    [one] { $people } persona
   *[other] { $people } personas
}.
sessions-ending = Al terminar una se cierra enseguida todo lo que tiene abierto; la persona puede iniciar sesión de nuevo.
session-of = La sesión de { $name }
session-until = Termina sin uso en
session-id = Sesión
session-open = Abierto en este momento
session-open-what = Abierto a
session-received = Recibido
session-sent = Enviado
session-nothing-open = No hay nada abierto. Lo que se pide y se responde termina enseguida; los flujos y las descargas están aquí mientras duran.
session-open-elsewhere = { $count ->
    [one] { $count } más está abierto en una pasarela de otra máquina.
   *[other] { $count } más están abiertos en pasarelas de otras máquinas.
}
amount-bytes = { $count ->
    [one] { $count } byte
   *[other] { $count } bytes
}
amount-kib = { $whole },{ $tenths } KiB
amount-mib = { $whole },{ $tenths } MiB
amount-gib = { $whole },{ $tenths } GiB
end-one = Terminar la sesión
end-one-of = Terminar la sesión de { $name }
end-all = Terminar las { $count } sesiones
end-all-of = Terminar las { $count } sesiones de { $name }
end-live = { $live ->
    [one] Terminar { $live } conexión abierta
   *[other] Terminar { $live } conexiones abiertas
}
end-live-of = { $live ->
    [one] Terminar { $live } conexión abierta de { $name }
   *[other] Terminar { $live } conexiones abiertas de { $name }
}
end-question = ¿{ $verb }?
end-sign-in = { $live ->
    [one] Una sesión con { $methods }, iniciada { $began }, vista por última vez { $seen }, con { $live } conexión abierta
   *[other] Una sesión con { $methods }, iniciada { $began }, vista por última vez { $seen }, con { $live } conexiones abiertas
}
end-nothing-open = Ahora mismo no tiene nada abierto.
end-stops = Las solicitudes, flujos y descargas en curso acaban antes de tiempo.
end-next = La próxima solicitud pide iniciar sesión de nuevo.
end-own = Es su propia sesión: se cerrará, y con ella esta página.
end-done = { $name }: { $count ->
    [one] { $count } sesión terminada
   *[other] todas las sesiones terminadas
}; { $cut ->
    [one] { $cut } conexión cortada en { $took }.
   *[other] { $cut } conexiones cortadas en { $took }.
}

## Una política

policy-text = Texto
policy-text-of = Texto de la política
policy-edit = Modificar
policy-gone = Esta política está eliminada. Vuelva abajo a una revisión anterior, si hace falta de nuevo.
policy-cedar = Texto en Cedar
policy-cedar-hint = Las personas por su nombre de acceso. Conserve @id: es el nombre de la política.
policy-save = Guardar
policy-check = Solo comprobar
policy-found = Lo que se encontró
policy-better = Está en orden, y podría mejorar
policy-not-saved = { $count ->
    [one] No guardada: { $count } error
   *[other] No guardada: { $count } errores
}
policy-sound = Está en orden. Aún no se ha guardado nada.
policy-sound-same = Está en orden, y es la misma que antes.
policy-same = Es la misma que antes, así que no se ha guardado nada.
policy-saved = { $cut ->
    [one] Guardada como revisión { $revision }; { $cut } conexión cortada.
   *[other] Guardada como revisión { $revision }; { $cut } conexiones cortadas.
}
policy-other = esta es otra política, `{ $id }`
policy-other-help = conserve `@id("{ $id }")`; añada otras con `bartizan apply`
policy-empty = no hay ninguna política en este texto
policy-empty-help = elimínela con `bartizan delete policy NAME`, si es lo que quiere
policy-in-order = Está en orden.
policy-mistakes = { $count ->
    [one] { $count } error
   *[other] { $count } errores
}
policy-place = Línea { $line }, columna { $column }
policy-new = Nueva política
policy-create = Crearla

## Two who change one policy

clash = Alguien la cambió mientras usted escribía
clash-changed = { $author } hizo de ella la revisión { $revision }, { $when }. No se ha guardado nada suyo.
clash-deleted = { $author } la borró en la revisión { $revision }, { $when }. No se ha guardado nada suyo.
clash-ways = Su texto está abajo, en el editor. Incorpore lo que quiera conservar del otro y guárdelo, o déjela como está.
clash-theirs = Lo que cambió entretanto
clash-mine = Lo que usted cambió
clash-over = Lo que cambiaría ahora guardar el suyo
clash-save = Guardar el mío encima

## What is asked about a policy before it is saved

try = Probarla
try-what = Cómo se decidiría una petición, ahora y con este texto. No se guarda nada.
try-person = Persona, por nombre de inicio de sesión
try-method = Método
try-path = Ruta
try-verb = Preguntar
try-now = Ahora
try-then = Con este texto
try-turns = La respuesta sería otra.
try-stays = La respuesta sigue igual.
try-by = Se basaría en { $policies }.
try-no-say = Esta política no tiene nada que decir en ello.
try-method-wrong = Un método es una palabra de letras, como GET o POST.
try-path-wrong = Una ruta empieza por una barra y tiene como mucho 2048 caracteres.
try-no-app = No hay ninguna aplicación por la que preguntar. Añada una primero.
try-tests = Pruebas de la política
try-cases = Pruebas, como están en los archivos
try-tests-hint = Cada [[case]] nombra una aplicación y espera «permit» o «deny». Se pregunta por las personas y aplicaciones que hay; no se conservan.
try-run = Ejecutar las pruebas
try-unread = Las pruebas no están en orden; no se ha ejecutado ninguna.
try-passed = { $count ->
    [one] { $count } prueba superada.
   *[other] Las { $count } pruebas superadas.
}
try-failed = { $count ->
    [one] { $failed } de { $count } prueba ha fallado.
   *[other] { $failed } de { $count } pruebas han fallado.
}
try-as-expected = Como se esperaba:
try-too-many = hay más de { $count } pruebas, o más de 64 KiB
effect = Quién gana o pierde acceso
effect-none = Nadie: cada cual entra en las mismas aplicaciones que antes.
effect-too-many = Hay demasiadas personas y aplicaciones para preguntar por cada una. Una vez guardada, el mapa de accesos muestra una aplicación cada vez.
effect-gain = { $count ->
    [one] { $count } persona gana { $app }:
   *[other] { $count } personas ganan { $app }:
}
effect-lose = { $count ->
    [one] { $count } persona pierde { $app }:
   *[other] { $count } personas pierden { $app }:
}
effect-more = y { $count } más
effect-supposed = Como si cada cual acabara de iniciar sesión con fuerza desde donde está usted, sin dispositivo conocido, para leer la primera página.

## A new policy

new-what = No se guarda nada antes de que haya visto el texto y lo que haría.
new-name = Nombre
new-name-hint = De 1 a 63 caracteres de a-z, 0-9, «-», «_» y «.», por ejemplo payroll-finance.
new-name-wrong = Eso no es un nombre: empieza por una letra o una cifra y solo tiene los caracteres de abajo.
new-name-taken = Ya hay una política { $name }. Elija otro nombre.
new-template = De qué parte
new-group = Grupo
new-on = Seguir al texto
new-open = Un grupo puede abrir una aplicación
new-open-reason = Todos los de { $group } pueden abrir { $app }
new-strong = … tras un inicio de sesión fuerte de hoy, mientras se comporte como siempre
new-strong-reason = { $group } puede abrir { $app } tras un inicio de sesión fuerte, mientras la cuenta se comporte como siempre
new-device = … desde un dispositivo registrado y en orden
new-device-reason = { $group } puede abrir { $app } desde dispositivos en orden
new-read = … para leer, sin cambiar nada
new-read-reason = { $group } puede leer { $app }
new-hours = … de lunes a viernes, de 7 a 19 UTC
new-hours-reason = { $group } puede abrir { $app } en horas de trabajo
new-never = Un grupo no puede abrir nunca una aplicación, permita lo que permita lo demás
new-never-reason = Nadie de { $group } abre { $app }, esté en los grupos que esté

## Puntos en otras máquinas

points-point = Punto
points-lag = Retraso
points-lease = Plazo
points-spool = Búfer
points-release = Versión
points-change = Cambiar
points-none = Ninguna pasarela de otra máquina se ha unido. La que se une es un punto de control: sirve las aplicaciones donde están, decide según lo que le dice el plano de control y figura aquí con su estado.
points-none-try = Haga que se una una aquí, o con lo que muestra esto: { $command }
points-what = Pasarelas de otras máquinas. La de esta máquina no está entre ellas.
points-let-join = Unir una pasarela
points-columns = El retraso es cuánto lleva esperando el cambio más antiguo que un punto no ha confirmado; el plazo, cuánto más decide si no oye nada; el búfer, cuántos eventos esperan allí al registro.
points-not-listening = El plano de control no escucha a ningún punto, así que ninguno puede unirse ni dar noticias. Ponga esto en { $file } y reinicie el plano de control:
points-joined = unido { $when }
points-every-app = todas las aplicaciones
points-missing = { $count } por detrás
points-control = control: { $release }
points-remove = Quitar
points-on-others = { $count ->
    [one] { $count } punto en otras máquinas
   *[other] { $count } puntos en otras máquinas
}
points-up-to-date = { $count } al día
points-behind = { $count ->
    [one] { $count } retrasado
   *[other] { $count } retrasados
}
points-away = { $count ->
    [one] { $count } ausente
   *[other] { $count } ausentes
}
standing-up-to-date = Al día
standing-behind = Retrasado
standing-behind-for = desde hace { $length }
standing-away = Ausente
standing-decides-for = decide { $left } más como máximo
standing-decides-nothing = no decide nada
standing-unheard = sin noticias desde el arranque
remove-nothing = No se cortaría nada: que el plano de control sepa, allí no hay nada abierto.
remove-ends = { $count ->
    [one] { $streams } de allí acabaría con su plazo.
   *[other] { $streams } de allí acabarían con su plazo.
}
remove-cuts = { $count ->
    [one] { $streams } de allí se cortaría enseguida: solicitudes, flujos y descargas acaban antes de tiempo.
   *[other] { $streams } de allí se cortarían enseguida: solicitudes, flujos y descargas acaban antes de tiempo.
}
remove-refuses = Se rechaza a quien llegue a esa máquina, hasta que los nombres de sus aplicaciones lleven a otra parte.
remove-keys = Su certificado y las claves con las que firmaba dejan de servir. No puede volver con lo que tiene: para recuperarlo, haga que se una de nuevo, con otra carpeta.
remove-away = Está ausente y no se le puede avisar, así que la respuesta espera a que acabe su plazo: { $wait } como máximo.
remove-unheard = No se sabe de él desde que arrancó el plano de control. Si eso acaba de ocurrir, puede que aún decida hasta que acabe su plazo.
remove-title = ¿Quitar { $name }?
remove-verb = Quitar { $name }
remove-verb-cut = { $count ->
    [one] Quitar { $name } y cortar { $count } conexión abierta
   *[other] Quitar { $name } y cortar { $count } conexiones abiertas
}
remove-done = { $count ->
    [0] { $name } queda fuera; allí no había nada abierto. Allí era efectivo a los { $took }.
    [one] { $name } queda fuera; allí terminó { $count } conexión abierta. Allí era efectivo a los { $took }.
   *[other] { $name } queda fuera; allí terminaron { $count } conexiones abiertas. Allí era efectivo a los { $took }.
}

## Unir una pasarela

join-title = Unir una pasarela
join-back = Volver a los puntos
join-what = Crea un token con el que una máquina se convierte, una vez, en pasarela de esta instalación.
join-name = Nombre
join-name-hint = Cómo se llama aquí el punto. Si queda vacío, será gateway-1, gateway-2, etc.
join-apps = Aplicaciones que sirve
join-apps-hint = Ninguna marcada: todas las aplicaciones que tienen un servidor, según vayan y vengan. Un punto no sabe de más aplicaciones que las suyas, y lo que sirve no cambia después.
join-no-apps = Aún no hay ninguna aplicación con servidor. El punto servirá todas las aplicaciones, según vayan y vengan.
join-good-for = El token vale
join-make = Crear un token
join-made-title = Un token para { $name }
join-made-for-all = Con este token una máquina se convierte en la pasarela { $name }, para todas las aplicaciones que tienen un servidor.
join-made-for = Con este token una máquina se convierte en la pasarela { $name }, para { $apps }.
join-works-once = Sirve una vez, hasta { $until } (quedan { $left }), y no se muestra de nuevo.
join-bring = 1. Llévelo a la otra máquina
join-bring-how = Ejecute esto allí, pegue el token y termine con Intro y Ctrl-D. Queda entonces en un archivo que nadie más puede leer.
join-start = 2. Arranque allí la pasarela
join-later = Desde entonces arranca sin { $option }, y el archivo puede borrarse.
join-send = 3. Envíe allí a la gente
join-send-how = Haga que los nombres de sus aplicaciones apunten a esa máquina. Figurará entre los { $points } en cuanto se haya unido.
join-among-points = puntos de control

## Rechazos y fallos

failure-console = Consola
failure-remedies = Lo que lo soluciona
failure-to-overview = Ir al resumen
failure-back = Vuelva a donde estaba o { $overview }.
failure-open-overview = abra el resumen
failure-mend = Vuelva atrás y corrija lo que se nombra aquí; lo que escribió sigue allí. No se ha cambiado nada.
failure-reason = Motivo
failure-denied = { $title }. Un administrador averigua más con { $command }.
failure-no-page = Esa página no existe
failure-no-page-why = No hay nada en esta dirección.
failure-cross-site = Esto no vino de una página de la consola
failure-no-proof = Un cambio con cookie necesita el token de la sesión, en el campo «csrf» del formulario o en la cabecera «Bartizan-Csrf». No se ha cambiado nada. Abra de nuevo la página y envíelo desde allí.
failure-wrong-proof = El token es de otro inicio de sesión que el que lo envió: de otra persona, o de uno que ha terminado. No se ha cambiado nada. Abra de nuevo la página y envíelo desde allí.
failure-form-too-long = El formulario supera los 512 KiB, así que no se ha leído. No se ha cambiado nada.
failure-not-found = Eso no existe
failure-missing = { $what ->
    [request-or-decision] No hay ninguna solicitud ni decisión «{ $name }».
    [revision-of-it] No hay ninguna revisión suya «{ $name }».
    [user] No hay ninguna persona «{ $name }».
    [session] No hay ninguna sesión «{ $name }».
    [app] No hay ninguna aplicación «{ $name }».
    [group] No hay ningún grupo «{ $name }».
    [policy] No hay ninguna política «{ $name }».
    [point] No hay ningún punto de control «{ $name }».
   *[other] Eso no existe: { $what } «{ $name }».
}
failure-invalid = Eso no está en orden
failure-lockout = Eso dejaría fuera a todos
failure-too-large = Eso es demasiado grande
failure-too-large-why = Lo enviado es mayor que 1 MiB: aplíquelo por partes.
failure-conflict = Alguien más lo ha cambiado
failure-conflict-why = Entretanto, alguien más ha cambiado «{ $name }». Mírelo como está ahora y cámbielo de nuevo.
failure-name-taken = Ese nombre está ocupado
failure-name-taken-why = Otra persona ya tiene el nombre de acceso «{ $name }».
failure-no-session = Esa sesión no existe
failure-no-session-why = Esa sesión no existe.
failure-store = El almacén no responde
failure-behind-why = Ahora no se puede seguir el registro de cambios, así que no se puede cambiar nada con seguridad: inténtelo de nuevo.
failure-unrecorded = No se puede registrar nada
failure-unrecorded-why = Lo que se pidió no se puede registrar, así que no se ha hecho.
failure-busy = Hay demasiado que hacer
failure-busy-why = Demasiados inicios de sesión a la vez: inténtelo de nuevo dentro de un momento.
failure-internal = Algo está roto aquí

## Lo que hubo que suponer para explicar una decisión

note-recorded-because = entonces se registró «{ $outcome }» ({ $reason }); ya no está todo aquello en lo que se basó
note-recorded = entonces se registró «{ $outcome }»; ya no está todo aquello en lo que se basó
note-sealed = la ruta y la dirección estaban selladas para una persona que ha sido borrada
note-not-kept = lo que se sabía entonces { $kind ->
    [user] de la persona
    [session] de la sesión
    [device] del dispositivo
    [app] de la aplicación
    [risk] del riesgo
   *[other] de { $kind }
} ya no se conserva

## The portal: what a person may open, and what they did

portal-apps = Sus aplicaciones
portal-sign-out = Cerrar sesión
portal-no-apps = No hay ninguna aplicación que pueda abrir. Pida acceso a su administrador.
portal-none-like = Ninguna de sus aplicaciones se llama así.
portal-more = Hay más. Busque la que quiere.
portal-find = Buscar una aplicación
portal-asks-again = Pide un inicio de sesión más reciente o más fuerte
portal-administration = Administración
activity = Su actividad reciente
activity-not-you = Esto se hizo en su nombre. Si algo no fue usted, { $end } y avise a su administrador.
activity-end-it = cierre esa sesión
activity-none = Todavía no se ha hecho nada en su nombre.
activity-times = { $count ->
    [one] { $count } vez
   *[other] { $count } veces
}
activity-earlier = Anterior
activity-newest = Lo más reciente
deed-used = Usó { $app }
deed-token = Creó un token para { $app }
deed-asked-again = { $app } pidió un inicio de sesión más reciente o más fuerte
deed-denied = { $app } no se abrió
deed-cut = { $app } se cerró mientras la usaba
deed-signed-in = Inició sesión
deed-signed-out = Cerró la sesión
deed-revoked = Un administrador cerró una de sus sesiones
deed-over = Una de sus sesiones caducó
deed-wrong-password = Se escribió una contraseña incorrecta
deed-wrong-code = Se escribió un código incorrecto o ya usado
deed-too-many = Demasiados intentos fallidos: quien los hizo tuvo que esperar
deed-set-up = Configuró su cuenta
deed-recovery-code = Se usó un código de recuperación
deed-link = Se usó un enlace de inicio de sesión
deed-wrong-passkey = No se aceptó una llave de acceso
deed-passkey-added = Se añadió una llave de acceso a su cuenta
deed-passkey-removed = Se eliminó una llave de acceso de su cuenta
deed-ended-by-change = Una de sus sesiones terminó porque cambió con qué inicia sesión
deed-ended-at-provider = El proveedor en el que inició sesión terminó una de sus sesiones
deed-password-set = Se estableció la contraseña de su cuenta
deed-password-removed = Se eliminó la contraseña de su cuenta
deed-app-added = Se configuró una aplicación de autenticación para su cuenta
deed-app-removed = Se eliminó la aplicación de autenticación de su cuenta
deed-provider-linked = Su cuenta se conectó con un inicio de sesión en un proveedor
deed-provider-unlinked = Su cuenta se desconectó de un inicio de sesión en un proveedor
deed-codes-new = Se crearon nuevos códigos de recuperación para su cuenta

# Clients
client = Cliente
client-answered-at = Recibe respuesta en
client-proves = Se identifica
client-state = Estado
client-by-secret = con un secreto
client-by-key = con una clave propia
client-by-others = con un token que otro le da
client-trusts = Tokens que se aceptan de
client-by-nothing = de ninguna forma: se ejecuta en los dispositivos de las personas
client-no-secret = aún sin secreto
client-disabled = desactivado
client-enabled = en uso
client-built-in = incorporado
client-gone = Este cliente está eliminado. Restáurelo abajo si vuelve a hacer falta.
client-policies = Reglas sobre él
client-policies-none = Ninguna regla trata de él, así que nadie puede iniciar sesión en él.
client-issuer = Emisor (issuer)
client-id = ID de cliente
client-new-secret = Crear un secreto nuevo
client-told-at = Se le avisa del cierre en
client-scopes = Puede pedir
client-signed = Los tokens de identidad se firman con
client-exchanges = Canjea tokens de
client-audiences = Para servidores en
client-consent = Consentimiento
client-consent-asked = Se pregunta a las personas antes de que sepa algo de ellas
client-secret-effect = El secreto que ya tenga deja de funcionar desde entonces: el programa necesita el nuevo.
client-secret-once = El secreto se muestra una sola vez. Bartizan solo guarda un resumen de él.
client-secret-title = Secreto de { $name }
client-secret = Secreto del cliente
client-back = Volver al cliente
service-policies-none = Ninguna política trata de él, así que no puede hacer nada.
service-keys = Claves
service-keys-what = Con una clave propia el programa actúa por sí mismo, sin una persona. Las políticas lo conocen como { $subject }.
service-keys-none = No tiene ninguna clave.
service-key = Clave
service-key-new = Crear una clave
service-key-title = Clave de { $name }
service-key-effect = Quien tiene la clave es este programa, en las aplicaciones que usted nombre. Lo que puede hacer allí lo dicen las políticas.
service-key-apps = Vale en
service-key-apps-hint = Nombres de aplicaciones separados por espacios, por ejemplo: wiki console
service-key-label = Para
service-key-unlabelled = sin indicar
service-key-lives = Dura
service-key-days = { $count ->
    [one] 1 día
   *[other] { $count } días
}
service-key-author = Creada por
service-key-used = Último uso
service-key-never = nunca
service-key-ends = Termina
service-key-do = Acción
service-key-end = Terminar
service-key-end-title = Terminar una clave de { $name }
service-key-end-effect = { $live ->
    [0] La clave dejará de valer.
    [one] La clave dejará de valer, y se cortará 1 petición abierta.
   *[other] La clave dejará de valer, y se cortarán { $live } peticiones abiertas.
}
service-key-ended = { $cut ->
    [0] La clave ha terminado.
    [one] La clave ha terminado; se cortó 1 petición abierta.
   *[other] La clave ha terminado; se cortaron { $cut } peticiones abiertas.
}
service-key-once = La clave se muestra una sola vez. Bartizan solo guarda su huella.
service-key-present = El programa la presenta así: { $field }.
clients-what = Los programas con inicio de sesión propio pueden usar el de Bartizan (OpenID Connect). Se declaran en archivos: { $command }
clients-none = Ningún programa usa todavía el inicio de sesión de Bartizan. Declare uno en un archivo y:
