# ruff: noqa: RUF001 - words of many languages have letters of their own
"""Columns Cairn knows and does not read: what is private, what might be teams, and what it has no field for.

Knowing them keeps them from being taken for something else, and tells people why they are left out.
"""

PRIVATE = """
    personal email | private email | home email | other email | secondary email | alternate email
      | personal e mail address
      | private mail | email home | email personal | recovery email | dob | date of birth | birth date | birthday
      | salary | ssn | national id | passport number | iban | phone | phone number | mobile | mobile number | age | sex
      | gender | pronouns | nationality | citizenship | home address | address | street | zip | postal code | zip code
      | annual salary | pay rate | pay grade | base pay | bonus | personal id
    de: private e mail | e mail privat | private e mail adresse | geburtsdatum | geburtstag | gehalt | telefon | handy
      | telefonnummer | mobilnummer | mobil | geschlecht | anrede | adresse | strasse | plz | postleitzahl
      | familienstand
      | staatsangehörigkeit | sozialversicherungsnummer | steuer id | konfession
    fr: e mail personnel | adresse e mail personnelle | email perso | date de naissance | salaire | telephone
      | portable
      | sexe | genre | civilite | adresse | code postal | nationalite | numero de securite sociale
      | situation familiale
    es: correo personal | email personal | fecha de nacimiento | salario | sueldo | telefono | movil | celular | sexo
      | genero | direccion | codigo postal | nacionalidad | estado civil | dni | nif | curp | rfc
    it: e mail personale | data di nascita | stipendio | telefono | cellulare | sesso | genere | indirizzo | cap
      | codice fiscale | stato civile | nl: prive e mail | geboortedatum | salaris | telefoon | geslacht | adres | bsn
    pt: e mail pessoal | data de nascimento | salario | telefone | telemovel | sexo | endereco | cpf | rg | nis
    pl: prywatny e mail | data urodzenia | wynagrodzenie | pensja | telefon | płeć | adres | pesel | numer telefonu
    sv: privat e post | födelsedatum | personnummer | lön | telefon | kön | adress | no: privat e post | fødselsdato
      | fødselsnummer | lønn | telefon | kjønn | da: privat e mail | fødselsdag | cpr nummer | cpr | løn | køn
    fi: syntymäaika | henkilötunnus | palkka | puhelin | puhelinnumero | sukupuoli | osoite | cs: datum narození
      | rodné číslo | plat | mzda | telefon | pohlaví | tr: doğum tarihi | tc kimlik no | maaş | telefon | cinsiyet
"""
PRIVATE_PARTS = """
    salary | compensation | wage | wages | payroll | pay | bonus | iban | bank | birth | birthday | birthdate | ssn
      | passport | visa | licence | license | phone | telephone | mobile | fax | cell | street | zip | postal | postcode
      | gender | sex | race | ethnicity | ethnic | bipoc | veteran | religion | disability | health | marital
      | nationality
      | citizenship | pronoun | pronouns | emergency | dependents | spouse | tax | insurance | personal | private
      | privat | gehalt | geburt | geburtsdatum | telefon | handy | naissance | salaire | nacimiento | salario | sueldo
      | telefono | nascita | stipendio
"""
"""Words that make any header private in which they stand, unless it is known to mean something else."""

GROUPS = """
    department | dept | department name | team | teams | team name | group | groups | org unit | organizational unit
      | organisational unit | organization unit | unit | supervisory organization | supervisory org
      | active group names
      | departments | sub department | parent department | functional area | org level 1 | org level 2 | org level 3
      | squad | tribe
    de: abteilung | bereich | organisationseinheit | org einheit | gruppe | fr: departement | service | equipe
      | direction
    es: departamento | area | equipo | it: reparto | dipartimento | squadra | ufficio | nl: afdeling
    pt: setor | equipa | equipe | pl: dział | zespół | jednostka organizacyjna | sv: avdelning | enhet | no: avdeling
    da: afdeling | fi: osasto | tiimi | yksikkö | cs: oddělení | tým | útvar | tr: departman | bölüm | birim | takım
"""
OTHERS = """
    username | login | login name | user login | account name | samaccountname | hr | hr manager | hrbp
      | hr business partner | human resource | human resources | matrix manager | dotted line manager | second manager
      | second level manager | functional manager | skip level manager | division | location | work location | office
      | office location | site | country | country code | city | state | state province | region | company
      | company name
      | company code | legal entity | entity | subcompany | branch | business unit | cost center | cost centre
      | cost centers
      | cost center code | cost center name | job code | job family | job level | job title level | job profile | level
      | grade | band | fte | employment type | employee type | worker type | contract type | type of employment | union
      | weekly working hours | weekly hours | working hours | termination type | termination reason | last modified at
      | created at | updated at | notes | comment | comments | photo | avatar | picture | linkedin | row | row number
      | line | no | nr | number | lp
      | is org admin | is admin | admin | direct reports | number of direct reports | tenure | salutation | prefix
      | suffix
      | due day | other id | hire reason | org level 4 | source | seniority date | probation end date | notice period
      | dept id | department id | position id | position code | manager position id | badge | is manager
    de: standort | kostenstelle | land | ort | firma | gesellschaft | arbeitszeit | beschäftigungsart | vertragsart
      | lfd nr | laufende nummer | hr ansprechpartner | fachlicher vorgesetzter | fachliche führungskraft
      | niederlassung
      | personalbereich | mitarbeitergruppe | mitarbeiterkreis | bemerkung | fr: site | pays | ville | societe
      | centre de cout | centre de couts | type de contrat | etablissement | lieu | remarques
    es: pais | ciudad | sede | empresa | centro de coste | centro de costos | tipo de contrato | ubicacion
    it: sede | paese | azienda | centro di costo | tipo di contratto | nl: locatie | land | kostenplaats | vestiging
    pt: pais | empresa | centro de custo | filial | unidade | local | pl: lokalizacja | kraj | firma | mpk | oddział
      | liczba porządkowa | sv: plats | land | kostnadsställe | ort | no: sted | land | kostnadssted | da: lokation
      | land
    fi: toimipaikka | maa | kustannuspaikka | cs: lokalita | země | středisko | tr: lokasyon | ülke | şehir | şirket
"""
