# Las partes de las que se componen las páginas.

## El marco de la consola

skip = Ir al contenido
menu = Menú
rail = Menú principal
up-to-date = Al día
catching-up = Poniéndose al día
revision = revisión { $revision }

## Qué pasó

outcome-permit = Permitido
outcome-step-up = Acceso reforzado
outcome-deny = Denegado
outcome-cut = Cortado
disabled = Desactivado

## Botones que necesitan un script

copy = Copiar
copy-all = Copiar todo
copied = Copiado
select-and-copy = Seleccione y copie
print = Imprimir

## Tiempos

just-now = ahora mismo
minutes-ago = { $count ->
    [one] hace { $count } minuto
   *[other] hace { $count } minutos
}
hours-ago = { $count ->
    [one] hace { $count } hora
   *[other] hace { $count } horas
}
days-ago = { $count ->
    [one] hace { $count } día
   *[other] hace { $count } días
}
seconds = { $count ->
    [one] { $count } segundo
   *[other] { $count } segundos
}
minutes = { $count ->
    [one] { $count } minuto
   *[other] { $count } minutos
}
hours = { $count ->
    [one] { $count } hora
   *[other] { $count } horas
}
days = { $count ->
    [one] { $count } día
   *[other] { $count } días
}
moment = { $day } de { $month ->
    [1] enero
    [2] febrero
    [3] marzo
    [4] abril
    [5] mayo
    [6] junio
    [7] julio
    [8] agosto
    [9] septiembre
    [10] octubre
    [11] noviembre
   *[12] diciembre
} de { $year }, { $time } UTC

## Al pie de una página

languages = Idioma

## The search of the console, and its keys

find = Buscar
found = Lo encontrado
keys = Teclas
key-find = Buscar de todo
key-search = Ir a la búsqueda de la página
key-rows = Recorrer las filas; Intro abre una
key-help = Mostrar las teclas
close = Cerrar

## The pages where a person looks after what is theirs

home = Sus páginas
home-apps = Aplicaciones
home-activity = Actividad
home-account = Inicio de sesión y seguridad
browser-on = { $browser } en { $system }, { $address }
browser-from = { $browser }, { $address }
unknown-place = Lugar desconocido

## The editor

editor-checking = Comprobando…
editor-unchecked = No se ha podido comprobar ahora. Al guardar también se comprueba.
editor-control = Carácter de control
editor-keys = F8 lleva al siguiente error; Tab sale del texto.

## What changed between two texts

diff-none = Ninguna línea es distinta.
diff-gone = quitado:
diff-new = añadido:
