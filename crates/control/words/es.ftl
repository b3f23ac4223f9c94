# La consola, para quien administra.

## La barra

place-overview = Resumen
place-decisions = Decisiones
place-sessions = Sesiones
place-access = Mapa de accesos
place-people = Personas
place-groups = Grupos
place-apps = Aplicaciones
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
people-live = Conexiones abiertas
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
session-seen = Vista por última vez
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
access-anybody = cualquiera
access-strangers = quien no ha iniciado sesión
access-all-apps = todas las aplicaciones
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
