# La consola, para quien administra.

## La barra

place-overview = Resumen
place-decisions = Decisiones
place-sessions = Sesiones
place-people = Personas
place-groups = Grupos
place-apps = Aplicaciones
place-policies = Políticas
place-points = Puntos de control
