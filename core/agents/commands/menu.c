#include "core/agents/commands/menu.h"

#include "core/agents/commands/commands.h"

#include <strings.h>

static const struct menu_line spanish[] = {
    {"book", "Reserva una mesa, cuando confirmas lo que cuesta."},
    {"calendar", "Muestra qué días tiene mesas un restaurante."},
    {"cancel", "Anula una reserva, cuando lo confirmas."},
    {"edit", "Cambia un aviso: día, personas, hora, ritmo, tarifa, zona."},
    {"export", "Te da en un archivo lo que guardo de ti."},
    {"find", "Busca mesas: en un restaurante o donde sea."},
    {"forget", "Te olvida: tus avisos, ajustes y conversaciones."},
    {"help", "Muestra esto, o más sobre un comando."},
    {"hourly", "Mira cada hora todos los próximos 30 días."},
    {"invite", "Crea un enlace para invitar a una persona; para mi dueño."},
    {"link", "Te reconoce también en otra plataforma: un código."},
    {"log", "Muestra qué hizo por ti el modelo de lenguaje."},
    {"new", "Olvida esta conversación."},
    {"notify", "Vigila hasta la primera mesa y termina."},
    {"pair", "Deja que alguien hable conmigo; para mi dueño."},
    {"pause", "Pausa un aviso hasta que lo reanudes."},
    {"rename", "Pone título a un aviso."},
    {"reservations", "Lista lo que tiene tu cuenta de Resy."},
    {"resume", "Reanuda un aviso pausado o silenciado."},
    {"settings", "Ciudad, zona, reloj, idioma, horas de silencio."},
    {"snooze", "Silencia un aviso una hora, o el tiempo que digas."},
    {"status", "Dice cómo estoy y cuándo miré por última vez."},
    {"stop", "Termina un aviso, o todos."},
    {"test", "Envía una alerta de prueba."},
    {"toughest", "Los restaurantes más difíciles de conseguir."},
    {"undo", "Deshace el último /stop."},
    {"venue", "Datos, días con mesas y página de un restaurante."},
    {"watch", "Te avisa en cuanto se libera una mesa."},
    {"watches", "Lo que vigilas, o lo que ha encontrado un aviso."},
    {"why", "Dice por qué un aviso no te ha dicho nada."},
};

static const struct menu_line french[] = {
    {"book", "Réserve une table, quand tu confirmes ce qu'elle coûte."},
    {"calendar", "Montre les jours où un restaurant a des tables."},
    {"cancel", "Annule une réservation, quand tu confirmes."},
    {"edit", "Modifie une veille : jour, personnes, heure, rythme, frais."},
    {"export", "Te donne dans un fichier ce que je garde de toi."},
    {"find", "Cherche des tables : dans un restaurant ou n'importe où."},
    {"forget", "T'oublie : tes veilles, réglages et conversations."},
    {"help", "Montre ceci, ou plus sur une commande."},
    {"hourly", "Regarde chaque heure les 30 prochains jours."},
    {"invite", "Crée un lien pour inviter une personne ; pour mon propriétaire."},
    {"link", "Te reconnaît aussi sur une autre plateforme : un code."},
    {"log", "Montre ce que le modèle de langage a fait pour toi."},
    {"new", "Oublie cette conversation."},
    {"notify", "Veille jusqu'à la première table, puis s'arrête."},
    {"pair", "Laisse quelqu'un me parler ; pour mon propriétaire."},
    {"pause", "Met une veille en pause."},
    {"rename", "Donne un titre à une veille."},
    {"reservations", "Liste ce que ton compte Resy a réservé."},
    {"resume", "Reprend une veille en pause ou muette."},
    {"settings", "Ville, fuseau, horloge, langue, heures calmes."},
    {"snooze", "Rend une veille muette une heure, ou plus."},
    {"status", "Dit comment je vais et quand j'ai regardé."},
    {"stop", "Termine une veille, ou toutes."},
    {"test", "Envoie une alerte d'essai."},
    {"toughest", "Les restaurants les plus difficiles à obtenir."},
    {"undo", "Annule le dernier /stop."},
    {"venue", "Infos, jours ouverts et page d'un restaurant."},
    {"watch", "Te prévient dès qu'une table se libère."},
    {"watches", "Ce que tu surveilles, ou ce qu'une veille a trouvé."},
    {"why", "Dit pourquoi une veille n'a rien signalé."},
};

static const struct menu_line german[] = {
    {"book", "Reserviert einen Tisch, wenn du bestätigst, was er kostet."},
    {"calendar", "Zeigt, an welchen Tagen ein Restaurant Tische hat."},
    {"cancel", "Sagt eine Reservierung ab, wenn du es bestätigst."},
    {"edit", "Ändert eine Beobachtung: Tag, Personen, Zeit, Takt, Gebühr."},
    {"export", "Gibt dir als Datei, was ich über dich weiß."},
    {"find", "Sucht Tische: in einem Restaurant oder überall."},
    {"forget", "Vergisst dich: Beobachtungen, Einstellungen, Gespräche."},
    {"help", "Zeigt dies, oder mehr zu einem Befehl."},
    {"hourly", "Schaut stündlich nach allen der nächsten 30 Tage."},
    {"invite", "Macht einen Link, der jemanden einlädt; für meinen Besitzer."},
    {"link", "Erkennt dich auch auf einer anderen Plattform: ein Code."},
    {"log", "Zeigt, was das Sprachmodell für dich getan hat."},
    {"new", "Vergisst dieses Gespräch."},
    {"notify", "Beobachtet bis zum ersten Tisch, dann ist Schluss."},
    {"pair", "Lässt jemanden mit mir reden; für meinen Besitzer."},
    {"pause", "Eine Beobachtung ruht, bis du sie fortsetzt."},
    {"rename", "Gibt einer Beobachtung einen Titel."},
    {"reservations", "Zeigt, was auf deinem Resy-Konto reserviert ist."},
    {"resume", "Setzt eine ruhende oder stumme Beobachtung fort."},
    {"settings", "Stadt, Zeitzone, Uhr, Sprache, Ruhezeiten."},
    {"snooze", "Macht eine Beobachtung eine Stunde stumm, oder länger."},
    {"status", "Sagt, wie es mir geht und wann ich zuletzt nachsah."},
    {"stop", "Beendet eine Beobachtung, oder alle."},
    {"test", "Schickt eine Probe-Meldung."},
    {"toughest", "Die Restaurants, die am schwersten zu bekommen sind."},
    {"undo", "Nimmt das letzte /stop zurück."},
    {"venue", "Angaben, offene Tage und Seite eines Restaurants."},
    {"watch", "Meldet sich, sobald ein Tisch frei wird."},
    {"watches", "Was du beobachtest, oder was eine gefunden hat."},
    {"why", "Sagt, warum eine Beobachtung noch nichts gemeldet hat."},
};

static const struct menu_line italian[] = {
    {"book", "Prenota un tavolo, quando confermi quanto costa."},
    {"calendar", "Mostra in quali giorni un ristorante ha tavoli."},
    {"cancel", "Annulla una prenotazione, quando lo confermi."},
    {"edit", "Cambia un avviso: giorno, persone, ora, ritmo, costo."},
    {"export", "Ti dà in un file quello che so di te."},
    {"find", "Cerca tavoli: in un ristorante o ovunque."},
    {"forget", "Ti dimentica: avvisi, impostazioni, conversazioni."},
    {"help", "Mostra questo, o di più su un comando."},
    {"hourly", "Guarda ogni ora tutti i prossimi 30 giorni."},
    {"invite", "Crea un link per invitare una persona; per il mio proprietario."},
    {"link", "Ti riconosce anche su un'altra piattaforma: un codice."},
    {"log", "Mostra che cosa ha fatto per te il modello linguistico."},
    {"new", "Dimentica questa conversazione."},
    {"notify", "Controlla fino al primo tavolo, poi smette."},
    {"pair", "Lascia che qualcuno parli con me; per il mio proprietario."},
    {"pause", "Mette in pausa un avviso."},
    {"rename", "Dà un titolo a un avviso."},
    {"reservations", "Elenca che cosa ha prenotato il tuo conto Resy."},
    {"resume", "Riprende un avviso in pausa o silenzioso."},
    {"settings", "Città, fuso, orologio, lingua, ore di silenzio."},
    {"snooze", "Silenzia un avviso per un'ora, o quanto dici."},
    {"status", "Dice come sto e quando ho guardato."},
    {"stop", "Termina un avviso, o tutti."},
    {"test", "Manda un avviso di prova."},
    {"toughest", "I ristoranti più difficili da prenotare."},
    {"undo", "Annulla l'ultimo /stop."},
    {"venue", "Dati, giorni aperti e pagina di un ristorante."},
    {"watch", "Ti avvisa appena si libera un tavolo."},
    {"watches", "Che cosa controlli, o che cosa ha trovato un avviso."},
    {"why", "Dice perché un avviso non ti ha detto niente."},
};

static const struct menu_line portuguese[] = {
    {"book", "Reserva uma mesa, quando você confirma o preço."},
    {"calendar", "Mostra em que dias um restaurante tem mesas."},
    {"cancel", "Desiste de uma reserva, quando você confirma."},
    {"edit", "Muda um alerta: dia, pessoas, hora, ritmo, taxa."},
    {"export", "Entrega em um arquivo o que guardo de você."},
    {"find", "Procura mesas: em um restaurante ou em qualquer lugar."},
    {"forget", "Esquece você: alertas, ajustes e conversas."},
    {"help", "Mostra isto, ou mais sobre um comando."},
    {"hourly", "Olha a cada hora todos os próximos 30 dias."},
    {"invite", "Cria um link para convidar uma pessoa; para o meu dono."},
    {"link", "Reconhece você também em outra plataforma: um código."},
    {"log", "Mostra o que o modelo de linguagem fez por você."},
    {"new", "Esquece esta conversa."},
    {"notify", "Vigia até a primeira mesa e termina."},
    {"pair", "Deixa alguém falar comigo; para o meu dono."},
    {"pause", "Pausa um alerta até você retomar."},
    {"rename", "Dá um título a um alerta."},
    {"reservations", "Lista o que sua conta Resy tem reservado."},
    {"resume", "Retoma um alerta pausado ou silenciado."},
    {"settings", "Cidade, fuso, relógio, idioma, horas de silêncio."},
    {"snooze", "Silencia um alerta por uma hora, ou o quanto você disser."},
    {"status", "Diz como estou e quando olhei pela última vez."},
    {"stop", "Termina um alerta, ou todos."},
    {"test", "Envia um alerta de teste."},
    {"toughest", "Os restaurantes mais difíceis de conseguir."},
    {"undo", "Desfaz o último /stop."},
    {"venue", "Dados, dias com mesas e página de um restaurante."},
    {"watch", "Avisa assim que uma mesa vaga."},
    {"watches", "O que você vigia, ou o que um alerta encontrou."},
    {"why", "Diz por que um alerta ainda não disse nada."},
};

#define LINES(list) list, ARRAY_LEN(list)
const struct menu menus[] = {
    {"en", "English", "English",
     "I find restaurant tables on Resy, watch the full ones, and tell you the moment one opens. "
     "Just say: \"Lark on Friday at 8 for two\".",
     "Finds restaurant tables, watches the full ones, and tells you the moment one opens.", NULL,
     0},
    {"es", "Español", "Spanish",
     "Encuentro mesas de restaurante en Resy, vigilo las ocupadas y te aviso en cuanto se "
     "libera una. Los comandos están en inglés: \"Lark on Friday at 8 for two\".",
     "Encuentra mesas, vigila los restaurantes llenos y avisa en cuanto se libera una.",
     LINES(spanish)},
    {"fr", "Français", "French",
     "Je trouve des tables de restaurant sur Resy, je surveille celles qui sont prises et je te "
     "préviens dès qu'une se libère. Les commandes sont en anglais : \"Lark on Friday at 8 for "
     "two\".",
     "Trouve des tables, surveille les restaurants complets et prévient dès qu'une se libère.",
     LINES(french)},
    {"de", "Deutsch", "German",
     "Ich finde Restauranttische auf Resy, beobachte die vergebenen und melde mich, sobald einer "
     "frei wird. Die Befehle sind englisch: \"Lark on Friday at 8 for two\".",
     "Findet Restauranttische, beobachtet die vergebenen und meldet sich, sobald einer frei wird.",
     LINES(german)},
    {"it", "Italiano", "Italian",
     "Trovo tavoli al ristorante su Resy, tengo d'occhio quelli occupati e ti avviso appena se ne "
     "libera uno. I comandi sono in inglese: \"Lark on Friday at 8 for two\".",
     "Trova tavoli, controlla i ristoranti pieni e avvisa appena se ne libera uno.",
     LINES(italian)},
    {"pt", "Português", "Portuguese",
     "Encontro mesas de restaurante no Resy, vigio as ocupadas e aviso assim que uma vaga. Os "
     "comandos estão em inglês: \"Lark on Friday at 8 for two\".",
     "Encontra mesas, vigia os restaurantes cheios e avisa assim que uma vaga.", LINES(portuguese)},
};
const size_t menus_count = ARRAY_LEN(menus);

const char *account_language(const struct account *account)
{
    return *account->chosen ? account->chosen : account->language;
}

const struct menu *menu_of(const char *language)
{
    size_t tag = strcspn(language, "-_");
    for (size_t i = 0; i < menus_count; i++)
        if ((tag == 2 && !strncasecmp(language, menus[i].code, 2)) ||
            !strcasecmp(language, menus[i].name) || !strcasecmp(language, menus[i].english))
            return &menus[i];
    return NULL;
}

const char *menu_about(const struct menu *menu, const char *command)
{
    for (size_t i = 0; menu && i < menu->count; i++)
        if (!strcmp(menu->lines[i].command, command))
            return menu->lines[i].about;
    for (size_t i = 0; i < commands_count; i++)
        if (!strcmp(commands[i].name, command))
            return commands[i].about;
    return "";
}
