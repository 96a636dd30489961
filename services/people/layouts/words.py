# ruff: noqa: RUF001 - words of many languages have letters of their own
"""What people call the columns Cairn reads, in many languages: one entry a meaning, one line a language.

Alternatives stand between bars. Where several columns of a file fit one meaning, what stands first in the first line
is preferred. They are compared as `headers.key` makes them: case, accents, blanks and punctuation do not count.

Meanings beyond the columns of an import: `name` and `manager` are decided by the rest of the file; the parts of a name
are put together; `status` and `inactive` become `active`; `primary` and `secondary` tell first posts from further ones.
"""

from collections.abc import Mapping

WORDS: Mapping[str, str] = {
    "external_id": """
        external id | employee id | employee number | employee no | employee nr | employee num | emp id | empl id
          | emp no
          | employee code | employee identifier | personnel number | personnel no | personnel id | staff id
          | staff number
          | staff no | worker id | worker number | associate id | team member id | member id | person id
          | person number
          | payroll number | payroll id | badge number | external user id | external employee id | hris id | user id
          | userid | user identifier | eeid | id number | id | identifier
        de: personalnummer | personalnr | pers nr | persnr | personal nr | mitarbeiternummer | mitarbeiternr | ma nr
          | mitarbeiter nr | mitarbeiter id | angestelltennummer | stammnummer
        fr: matricule | numero de matricule | matricule salarie | matricule employe | numero employe | numero d employe
          | numero salarie | identifiant | identifiant employe | id employe | id salarie | code salarie
        es: numero de empleado | numero empleado | nro de empleado | no de empleado | id empleado | id de empleado
          | codigo de empleado | codigo empleado | legajo | numero de legajo | ficha | identificador
        it: matricola | numero matricola | codice dipendente | id dipendente | numero dipendente | codice matricola
        nl: personeelsnummer | medewerkernummer | werknemersnummer | werknemernummer | medewerker id | personeelsnr
        pt: matricula | numero de funcionario | numero do funcionario | codigo do funcionario | id do funcionario
          | numero do colaborador | numero de colaborador | id do colaborador | numero mecanografico | registro
        pl: numer pracownika | nr pracownika | numer ewidencyjny | nr ewidencyjny | id pracownika
          | identyfikator pracownika | identyfikator | numer kadrowy | numer osobowy
        sv: anställningsnummer | anstnr | anställningsnr | medarbetarnummer | anställd id | anstallnings id
        no: ansattnummer | ansattnr | ansatt nr | ansatt id | medarbeidernummer
        da: medarbejdernummer | medarbejdernr | medarbejder id | lønnummer | medarbejder nr
        fi: henkilönumero | työntekijänumero | henkilöstönumero | työntekijätunnus | henkilönro
        cs: osobní číslo | číslo zaměstnance | os číslo | id zaměstnance | identifikátor
        tr: sicil no | sicil numarası | personel no | personel numarası | çalışan no | çalışan numarası | çalışan id
        hu: dolgozói azonosító | törzsszám | ro: marca | număr angajat
    """,
    "email": """
        work email | work email address | email work | email primary work | primary work email | business email
          | business email address | company email | corporate email | official email | office email | email address
          | email | mail | email id | emailid | work mail | mail address | primary email | primary email address
          | user email | employee email | contact email address | login email | userprincipalname | upn
        de: e mail dienstlich | dienstliche e mail | dienstliche e mail adresse | geschäftliche e mail
          | e mail geschäftlich
          | firmen e mail | e mail adresse | mailadresse | e mail adresse geschäftlich | e mail firma
        fr: e mail professionnel | adresse e mail professionnelle | adresse email pro | email pro | mail professionnel
          | adresse e mail | adresse mail | adresse electronique | courriel | courriel professionnel | mel
        es: correo corporativo | correo electronico corporativo | correo de empresa | correo laboral
          | email corporativo
          | correo electronico | correo | direccion de correo electronico | direccion de correo | direccion de email
        it: e mail aziendale | email aziendale | indirizzo e mail aziendale | indirizzo e mail | indirizzo email
          | indirizzo di posta elettronica | posta elettronica
        nl: zakelijk e mailadres | zakelijke e mail | e mail werk | werk e mail | e mailadres | mailadres
        pt: e mail corporativo | email profissional | e mail profissional | endereco de e mail | endereco de email
          | correio eletronico | e mail da empresa | correio electronico
        pl: e mail służbowy | służbowy e mail | służbowy adres e mail | adres e mail | adres email | adres mailowy
          | poczta elektroniczna | adres poczty
        sv: e post arbete | jobbmail | e postadress | e post | mailadress | mejl | mejladress
        no: e post jobb | jobb e post | e postadresse | epost
        da: arbejdsmail | e mail arbejde | arbejds e mail | e mail adresse
        fi: työsähköposti | sähköpostiosoite | sähköposti
        cs: pracovní e mail | firemní e mail | e mailová adresa | mail
        tr: iş e postası | kurumsal e posta | e posta adresi | e posta | eposta
        hu: e mail cím | ro: adresa de e mail
    """,
    "display_name": """
        display name | preferred full name | full name | fullname | employee full name | employee name | complete name
          | person name | name full | staff name | worker name | first and last name | first name last name
          | last name first name | worker | employee | team member
        de: anzeigename | vollständiger name | name vorname | vorname name | vorname nachname | nachname vorname
          | vor und nachname | vor und zuname | mitarbeitername | mitarbeiter | name des mitarbeiters
        fr: nom affiche | nom complet | nom et prenom | nom prenom | prenom nom | prenom et nom | nom du salarie
          | collaborateur | salarie
        es: nombre completo | nombre y apellidos | nombre y apellido | apellidos y nombre | apellido y nombre
          | nombre del empleado | empleado | colaborador
        it: nome completo | nome e cognome | cognome e nome | cognome nome | nominativo | dipendente
        nl: volledige naam | naam medewerker | medewerker | weergavenaam
        pt: nome completo | nome do funcionario | nome do colaborador | nome e apelido | funcionario
        pl: imię i nazwisko | nazwisko i imię | nazwisko imię | imię nazwisko | pracownik | pełne imię i nazwisko
        sv: fullständigt namn | hela namnet | för och efternamn | visningsnamn | medarbetare | anställd
        no: fullt navn | visningsnavn | for og etternavn | ansatt | medarbeider
        da: fulde navn | fuldt navn | for og efternavn | medarbejder | visningsnavn
        fi: koko nimi | etu ja sukunimi | työntekijä | näyttönimi
        cs: celé jméno | jméno a příjmení | příjmení a jméno | zaměstnanec | zobrazované jméno
        tr: ad soyad | adı soyadı | ad ve soyad | isim soyisim | tam ad | çalışan | personel
        hu: teljes név | ro: nume complet | nume si prenume
    """,
    "name": """
        name
        fr: nom | es: nombre | it: nome | nl: naam | sv: namn | no: navn | fi: nimi | cs: jméno | tr: ad | tr: isim
        tr: adı | hu: név | ro: nume
    """,
    "given_name": """
        first name | given name | forename | legal first name | legal name first name | first | given names | fname
        de: vorname | vornamen | fr: prenom | prenoms | es: nombre de pila | primer nombre | nombres
        it: nome di battesimo | nome proprio | nl: voornaam | voornamen | pt: primeiro nome | nome proprio
        pl: imię | pierwsze imię | imiona | sv: förnamn | no: fornavn | da: fornavne | fi: etunimi | etunimet
        cs: křestní jméno | tr: ilk ad | ön ad | hu: keresztnév | utónév | ro: prenume
    """,
    "family_name": """
        last name | family name | surname | legal last name | legal name last name | second name last | last | lname
        de: nachname | familienname | zuname | fr: nom de famille | nom d usage | nom usage
        es: apellidos | apellido | primer apellido | it: cognome | nl: achternaam | geslachtsnaam | familienaam
        pt: sobrenome | apelido | apelidos | ultimo nome | nome de familia | pl: nazwisko
        sv: efternamn | no: etternavn | da: efternavn | fi: sukunimi | cs: příjmení | sk: priezvisko
        tr: soyad | soyadı | soyisim | hu: vezetéknév | családnév | ro: nume de familie
    """,
    "second_family_name": "second last name | second surname | es: segundo apellido | apellido materno",
    "family_prefix": "name infix | nl: tussenvoegsel | tussenvoegsels | voorvoegsel | de: namenszusatz | vorsatzwort",
    "middle_name": """
        middle name | middle names | middle initial | mi | middle | second name
        de: zweiter vorname | weitere vornamen | fr: deuxieme prenom | es: segundo nombre | it: secondo nome
        nl: tweede voornaam | pt: nome do meio | segundo nome | pl: drugie imię | sv: mellannamn | no: mellomnavn
        da: mellemnavn | fi: toinen nimi | cs: druhé jméno | prostřední jméno | tr: ikinci ad | ikinci isim
    """,
    "preferred_name": """
        preferred name | preferred first name | preferred given name | preferred name first name | known as | goes by
          | nickname | called name | chosen name
        de: rufname | bevorzugter name | fr: prenom usuel | prenom d usage | nom prefere
        es: nombre preferido | it: nome preferito | nl: roepnaam | pt: nome preferido | nome social
        pl: preferowane imię | sv: tilltalsnamn | no: kallenavn | da: kaldenavn | fi: kutsumanimi
          | cs: preferované jméno
        tr: tercih edilen ad
    """,
    "title": """
        job title | business title | position title | work title | employee title | job position | job position name
          | position name | job name | role title | position | title | job role | designation | job description | job
          | occupation | function | role
        de: stellenbezeichnung | positionsbezeichnung | jobtitel | jobbezeichnung | berufsbezeichnung | funktion
          | funktionsbezeichnung | stelle | tätigkeit | planstelle | titel
        fr: intitule du poste | intitule de poste | titre du poste | libelle poste | libelle emploi | poste | fonction
          | emploi | es: puesto | puesto de trabajo | nombre del puesto | cargo | titulo del puesto | posicion
          | funcion
        it: mansione | qualifica | ruolo | posizione | titolo professionale | incarico
        nl: functie | functietitel | functienaam | functieomschrijving
        pt: cargo | nome do cargo | titulo do cargo | funcao | posicao
        pl: stanowisko | stanowisko pracy | nazwa stanowiska | funkcja
        sv: befattning | jobbtitel | yrkestitel | tjänst | roll | no: stilling | stillingstittel | stillingsbetegnelse
        da: stillingsbetegnelse | jobtitel | stillingstitel | fi: tehtävänimike | nimike | titteli | tehtävä
        cs: pracovní pozice | pozice | název pozice | funkce | pracovní zařazení
        tr: unvan | ünvan | görev | pozisyon | görevi | iş unvanı
    """,
    "manager_external_id": """
        manager external id | manager employee id | manager id | manager employee number | manager number | manager no
          | manager emp id | manager employee no | manager user id | manager userid | managers employee id
          | supervisor eid | supervisor employee id | supervisor employee number | supervisor number | supervisor id
          | line manager id | line manager employee id | line manager number | reporting manager id
          | reporting manager employee id | direct manager id | reports to id | reports to employee id
          | reports to number | reports to employee number | reports to user id | boss id | parent id
        de: personalnummer vorgesetzter | personalnummer des vorgesetzten | vorgesetzter personalnummer
          | vorgesetzten nr
          | vorgesetzter id | vorgesetzten id | vorgesetztennummer | personalnummer führungskraft | führungskraft id
          | personalnr vorgesetzter | führungskraft personalnummer
        fr: matricule manager | matricule du manager | matricule responsable | matricule du responsable | matricule n 1
          | id manager | id responsable | identifiant manager | identifiant du responsable
          | matricule du responsable hierarchique
        es: id jefe | id del jefe | numero de empleado del jefe | id responsable | codigo jefe | legajo jefe
          | legajo del jefe | id supervisor | it: matricola responsabile | id responsabile | matricola del responsabile
        nl: personeelsnummer leidinggevende | leidinggevende id | id leidinggevende
        pt: matricula do gestor | id do gestor | matricula gestor | id gestor | codigo do gestor
          | matricula do superior
        pl: numer przełożonego | nr przełożonego | id przełożonego | identyfikator przełożonego
          | numer pracownika przełożonego | sv: chefens anställningsnummer | chef id | chefens id
        no: leders ansattnummer | leder id | leders ansattnr | da: leders medarbejdernummer | chefs medarbejdernummer
        fi: esihenkilön numero | esimiehen numero | esimiehen henkilönumero | esihenkilön henkilönumero
        cs: osobní číslo nadřízeného | id nadřízeného | číslo nadřízeného | tr: yönetici sicil no | yönetici id
          | yönetici sicil numarası | amir sicil no
    """,
    "manager_email": """
        manager email | manager e mail address | manager email address | manager work email | manager s email
          | managers email | email of manager | manager mail | manager email id
          | supervisor email | supervisor email address | supervisor work email
          | line manager email | line manager email address | reporting manager email | direct manager email
          | reports to email | reports to email address | reviewer email | boss email
        de: e mail vorgesetzter | vorgesetzter e mail | e mail des vorgesetzten | e mail führungskraft
          | führungskraft e mail | e mail der führungskraft | vorgesetzten e mail
        fr: e mail manager | e mail du manager | email responsable | e mail du responsable | email n 1 | mail manager
          | adresse e mail du responsable | courriel du responsable | courriel du superieur
        es: correo del jefe | correo jefe | correo del responsable | email del jefe | correo electronico del jefe
          | email responsable | correo del supervisor | it: email responsabile | e mail del responsabile
        nl: e mail leidinggevende | leidinggevende e mail | e mailadres leidinggevende
        pt: e mail do gestor | email gestor | e mail do superior | email do responsavel | e mail da chefia
        pl: e mail przełożonego | adres e mail przełożonego | email przełożonego
        sv: chefens e post | e post chef | chefens mejl | no: leders e post | e post leder | da: leders e mail
          | chefs e mail | fi: esihenkilön sähköposti | esimiehen sähköposti
        cs: e mail nadřízeného | tr: yönetici e posta | yönetici e postası | amir e posta
    """,
    "manager_name": """
        manager name | manager full name | manager display name | supervisor name | supervisor full name
          | line manager name | reporting manager name | direct manager name | reports to name | name of manager
          | immediate supervisor name
        de: name vorgesetzter | name des vorgesetzten | vorgesetzter name | vorgesetzte r name
          | name der führungskraft | name führungskraft
        fr: nom du manager | nom manager | nom du responsable | nom du superieur | nom n 1
        es: nombre del jefe | nombre jefe | nombre del responsable | nombre del supervisor
        it: nome responsabile | nome del responsabile | nl: naam leidinggevende | pt: nome do gestor | nome do superior
        pl: imię i nazwisko przełożonego | nazwisko przełożonego | sv: chefens namn | namn chef | no: leders navn
          | navn leder | da: leders navn | chefs navn | fi: esihenkilön nimi | esimiehen nimi
        cs: jméno nadřízeného | tr: yönetici adı | yönetici adı soyadı | amir adı
    """,
    "manager": """
        manager | line manager | direct manager | reporting manager | people manager | supervisor | direct supervisor
          | immediate supervisor | reports to | reporting to | report to | reviewer | boss | superior
        de: vorgesetzter | vorgesetzte | vorgesetzte r | direkter vorgesetzter
          | direkte führungskraft
          | disziplinarischer vorgesetzter | disziplinarische führungskraft | führungskraft | berichtet an | chef
          | vorgesetztenname | direkter vorgesetzter name
        fr: manager direct | responsable hierarchique | superieur hierarchique | responsable | superieur | n 1
          | responsable direct | rattachement hierarchique
        es: jefe | jefe directo | jefe inmediato | jefatura | responsable directo | superior inmediato
          | superior directo
          | reporta a | supervisor directo | gerente
        it: responsabile | responsabile diretto | superiore | superiore diretto | capo | riporta a
        nl: leidinggevende | direct leidinggevende | rapporteert aan | pt: gestor | gestor direto | gestor imediato
          | chefia | chefia direta | chefe | superior imediato | superior hierarquico | reporta a | responsavel
        pl: przełożony | bezpośredni przełożony | kierownik | menedżer | raportuje do
        sv: chef | närmaste chef | rapporterar till | no: leder | nærmeste leder | rapporterer til
        da: leder | nærmeste leder | nærmeste chef | refererer til | fi: esihenkilö | esimies | lähiesimies
          | lähiesihenkilö
        cs: nadřízený | přímý nadřízený | vedoucí | manažer | tr: yönetici | yöneticisi | amir | amiri
          | bağlı olduğu kişi
          | bağlı olduğu yönetici | ilk amir | hu: felettes | vezető | ro: manager direct | superior direct
    """,
    "manager_given_name": "manager first name | supervisor first name | line manager first name",
    "manager_family_name": "manager last name | supervisor last name | line manager last name",
    "status": """
        employment status | employee status | worker status | work status | lifecycle status | active status
          | employment state | user status | account status | status | state of employment | employment history status
        de: beschäftigungsstatus | mitarbeiterstatus | anstellungsstatus | fr: statut | statut salarie | etat
        es: estado | situacion | estado del empleado | estatus | it: stato | stato dipendente
        pt: situacao | estado do funcionario | pl: status zatrudnienia | stan zatrudnienia | status pracownika
        sv: anställningsstatus | no: ansattstatus | da: ansættelsesstatus | fi: tila | työsuhteen tila
        cs: stav | stav zaměstnance | tr: durum | çalışma durumu | personel durumu
    """,
    "active": """
        active | is active | active employee | currently active | currently employed | is employed | enabled
          | account enabled | user active
        de: aktiv | ist aktiv | fr: actif | est actif | es: activo | it: attivo | nl: actief | pt: ativo
        pl: aktywny | czy aktywny | fi: aktiivinen | cs: aktivní | tr: aktif
    """,
    "inactive": """
        inactive | is inactive | terminated | is terminated | termd | deactivated | is deactivated | archived | deleted
        de: inaktiv | ausgeschieden | fr: inactif | sorti | es: inactivo | baja | it: inattivo | cessato
        nl: inactief | uit dienst | pt: inativo | desligado | pl: nieaktywny | zwolniony | tr: pasif
    """,
    "start_date": """
        hire date | date of hire | hired on | hired at | most recent hire date | last hire date | original hire date
          | start date | employment start date | employment start | date of joining | joining date | join date
          | joined on
          | joined | doj | date joined | started at | started on | first day | first working day | begin date
          | contract start date | company start date | starting date | start
        de: eintrittsdatum | eintritt | eintritt am | einstellungsdatum | einstellung | beginn | dienstbeginn
          | beschäftigungsbeginn | arbeitsbeginn | startdatum | datum eintritt
        fr: date d entree | date entree | date d embauche | date embauche | date de debut | date d arrivee
          | date de debut de contrat | date d anciennete
        es: fecha de ingreso | fecha ingreso | fecha de alta | fecha alta | fecha de contratacion | fecha de inicio
          | fecha de incorporacion | it: data di assunzione | data assunzione | data inizio | data di inizio
          | data inizio rapporto | nl: datum in dienst | datum indiensttreding | indiensttreding | in dienst per
          | in dienst sinds | begindatum | pt: data de admissao | data admissao | data de contratacao | data de inicio
          | data de entrada | pl: data zatrudnienia | data rozpoczęcia | data rozpoczęcia pracy | data przyjęcia
        sv: anställningsdatum | startdatum | anställd från | no: ansettelsesdato | startdato | ansatt fra | ansatt dato
        da: ansættelsesdato | startdato | fi: aloituspäivä | työsuhteen alkupäivä | työsuhteen alku | alkupäivä
        cs: datum nástupu | nástup | tr: işe başlama tarihi | işe giriş tarihi | giriş tarihi | başlangıç tarihi
    """,
    "end_date": """
        termination date | date of termination | terminated on | employment end date | employment end | end date
          | leaving date | leave date | date of leaving | exit date | last day | last working day | last day of work
          | deactivation date | separation date | contract end date | date left | left on | ended at
        de: austrittsdatum | austritt | austritt am | beschäftigungsende | enddatum | datum austritt | ende
        fr: date de sortie | date sortie | date de depart | date de fin | date de fin de contrat
        es: fecha de baja | fecha baja | fecha de salida | fecha de egreso | fecha de fin | fecha fin
          | fecha de termino
        it: data di cessazione | data cessazione | data fine | data fine rapporto | data di uscita
        nl: datum uit dienst | datum uitdiensttreding | uitdiensttreding | uit dienst per | einddatum
        pt: data de demissao | data de desligamento | data de termino | data de saida | data de fim
        pl: data zwolnienia | data zakończenia | data rozwiązania umowy | data zakończenia pracy
        sv: slutdatum | avslutsdatum | anställd till | no: sluttdato | da: fratrædelsesdato | slutdato
        fi: päättymispäivä | työsuhteen päättymispäivä | loppupäivä | cs: datum ukončení | datum odchodu | výstup
        tr: işten ayrılma tarihi | işten çıkış tarihi | çıkış tarihi | ayrılma tarihi | bitiş tarihi
    """,
    "effective_date": """
        effective date | effective from | effective as of | effective on | valid from | change effective date
        de: gültig ab | wirksam ab | wirksam zum | fr: date d effet | date effet | es: fecha efectiva | fecha de efecto
          | fecha de vigencia | vigente desde | it: data di decorrenza | decorrenza | nl: ingangsdatum | ingaande
        pt: data efetiva | data de vigencia | vigencia | pl: data obowiązywania | obowiązuje od | ważne od
        sv: gäller från | no: gjelder fra | da: gælder fra | fi: voimassa alkaen | cs: platnost od | platí od
        tr: geçerlilik tarihi | yürürlük tarihi
    """,
    "time_zone": """
        time zone | timezone | tz | time zone name | user timezone | iana time zone
        de: zeitzone | fr: fuseau horaire | es: zona horaria | huso horario | it: fuso orario | nl: tijdzone
        pt: fuso horario | pl: strefa czasowa | sv: tidszon | no: tidssone | da: tidszone | fi: aikavyöhyke
        cs: časové pásmo | tr: saat dilimi
    """,
    "locale": """
        locale | default locale | preferred language | language | language code
        de: sprache | fr: langue | es: idioma | it: lingua | nl: taal | pl: język | sv: språk | da: sprog | fi: kieli
        cs: jazyk | tr: dil
    """,
    "primary": """
        is primary | primary | primary position | is primary position | primary job | is primary job | main position
          | primary assignment | is main | is primary assignment | assignment | assignment type | main job
          | primary flag
        de: hauptstelle | hauptfunktion | hauptbeschäftigung | hauptvertrag | fr: poste principal | emploi principal
        es: puesto principal | it: posizione principale | nl: hoofdfunctie | pt: cargo principal
          | pl: główne stanowisko
    """,
    "secondary": """
        second hat | is secondary | secondary | secondary position | secondary job | additional position
          | additional job
          | further post | concurrent employment
        de: nebenfunktion | nebenstelle | zweitstelle | fr: poste secondaire | es: puesto secundario | nl: nevenfunctie
    """,
    "record_type": "record type | row type | entry type | kind of record | position status | de: satzart",
    "teams": "",
    "roles": "",
}
"""`teams` and `roles` are never recognised in files of others: what they call a team or a role rarely is one here."""
