"""The systems whose files are known: their headers as their makers write them, and the rules they keep.

A preset is recognised by headers that together only its system has. A file may lack columns and have others: those
are recognised like columns of any file. Of headers between bars the first is preferred.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property

from services.people.layouts.dates import Order
from services.people.layouts.headers import key

OWN = "cairn"


@dataclass(frozen=True)
class Preset:
    """`table` says which headers mean what; all headers of any line of `tells` together give the system away."""

    name: str
    label: str
    table: str
    tells: tuple[str, ...]
    dates: Order | None = None
    words: Mapping[str, bool] = field(default_factory=dict)
    """Status words of its own, in lower case: whether they mean an active person."""

    @cached_property
    def meanings(self) -> Mapping[str, str]:
        """What each header means, by its key."""
        lines = [line.partition(":") for line in self.table.replace("\n            |", " |").strip().splitlines()]
        return {key(header): meaning.strip() for meaning, _, headers in lines for header in headers.split("|")}

    def matched(self, keys: frozenset[str]) -> int:
        """How many of its headers are there; 0 where nothing gives the system away."""
        told = any(all(key(one) in keys for one in tell.split("|")) for tell in self.tells)
        return sum(one in keys for one in self.meanings) if told else 0


PRESETS: tuple[Preset, ...] = (
    Preset(
        "successfactors",
        "SAP SuccessFactors (user data file)",
        """
        external_id: USERID
        email: EMAIL
        given_name: FIRSTNAME
        family_name: LASTNAME
        middle_name: MI
        manager_external_id: MANAGER
        status: STATUS
        start_date: HIREDATE
        end_date: COMPANY_EXIT_DATE
        title: TITLE
        time_zone: TIMEZONE
        locale: DEFAULT_LOCALE
        groups: DEPARTMENT
        private: GENDER
        unread: USERNAME | HR | DIVISION | LOCATION | EMPID | JOBCODE
        """,
        (
            "STATUS | USERID | USERNAME",
            "USERID | MANAGER | HR",
        ),
    ),
    Preset(
        "culture-amp",
        "Culture Amp (employee import)",
        """
        external_id: Employee Id
        email: Email
        display_name: Name
        preferred_name: Preferred Name
        start_date: Start Date
        end_date: End Date
        locale: Language
        manager_email: Manager Email
        time_zone: Timezone
        manager_name: Manager
        title: Job Title
        groups: Department
        private: Date of Birth | Mobile Phone Number | Gender | Race/Ethnicity | BIPOC
        unread: Job Title Level | Division | Country | Location | Region | Work Location | Employment Type
        """,
        (
            "Employee Id | Preferred Name | Manager Email | Manager",
            "Name | Employee Id | Email | Job Title Level",
        ),
    ),
    Preset(
        "lattice",
        "Lattice (people file)",
        """
        email: Email
        external_id: Employee ID | Empl ID | External user ID
        display_name: Name
        title: Title | Business title | Job title
        manager: Manager Email | Manager | Supervisor email | Manager ID
        start_date: Start Date | Hire date | Started At
        status: Status
        groups: Department
        private: Phone Number
        """,
        (
            "Email | Name | Title | Manager Email | Start Date",
            "Email | Name | Title | Manager Email | Status",
        ),
        words={
            "active": True,
            "on leave": True,
            "leave": True,
            "terminated": False,
            "deceased": False,
            "inactive": False,
            "suspended": False,
        },
    ),
    Preset(
        "15five",
        "15Five (bulk import)",
        """
        email: email
        external_id: employee_id
        given_name: first_name
        family_name: last_name
        manager_email: reviewer_email
        start_date: start_date
        active: is_active
        time_zone: timezone
        title: title | job_title | custom_title
        groups: active_group_names | custom_department
        unread: due_day | custom_location
        """,
        (
            "active_group_names",
            "email | reviewer_email",
            "email | is_active | due_day",
        ),
        dates="mdy",
    ),
    Preset(
        "peopleforce",
        "PeopleForce (employee import)",
        """
        external_id: employee_id
        given_name: first_name
        middle_name: middle_name
        family_name: last_name
        email: email
        start_date: hired_on
        title: position
        groups: department
        unread: employment_type
        private: personal_email | date_of_birth | gender | phone_number | mobile_number
        """,
        ("employee_id | hired_on | position",),
    ),
    Preset(
        "tomhrm",
        "tomHRM (employee import)",
        """
        given_name: Firstname
        family_name: Lastname
        title: Job position
        external_id: ID
        email: E-mail
        groups: Department | Parent Department
        unread: Branch
        """,
        (
            "Firstname | Lastname | Branch | Job position",
            "Firstname | Job position | Parent Department",
        ),
    ),
    Preset(
        "orangehrm",
        "OrangeHRM (data import)",
        """
        external_id: employee_id
        given_name: first_name
        middle_name: middle_name
        family_name: last_name
        email: work_email
        unread: other_id | city | state/province | country
        private: driver's_license_no | license_expiry_date | gender | marital_status | nationality
            | date_of_birth | address_street_1 | address_street_2 | zip/postal_code | home_telephone | mobile
            | work_telephone | other_email
        """,
        (
            "employee_id | other_id | work_email",
            "employee_id | driver's_license_no",
        ),
    ),
    Preset(
        "bamboohr",
        "BambooHR",
        """
        external_id: employeeNumber | Employee # | id | EEID
        email: workEmail | Work Email
        given_name: firstName | First Name
        family_name: lastName | Last Name
        middle_name: middleName | Middle Name
        preferred_name: preferredName | Preferred Name
        display_name: displayName | fullName1 | Display Name
        title: jobTitle | Job Title
        manager_external_id: supervisorEId | supervisorId | Supervisor EID | Supervisor ID
        manager_email: supervisorEmail | Supervisor Email
        manager: supervisor | Reporting to | Reports To
        start_date: hireDate | Hire Date
        end_date: terminationDate | Termination Date
        status: status | Status
        groups: department | Department
        private: homeEmail | Home Email | mobilePhone | Mobile Phone
        unread: division | location | country | employmentHistoryStatus | Employment Status
        """,
        (
            "employeeNumber | workEmail",
            "supervisorEId",
            "Employee # | Reporting to",
            "Employee # | Work Email",
            "employeeNumber | supervisor",
            "displayName | workEmail | supervisorEmail",
        ),
    ),
    Preset(
        "personio",
        "Personio",
        """
        external_id: id | Personnel number | Personalnummer
        given_name: first_name | First name
        family_name: last_name | Last name
        preferred_name: preferred_name | Preferred name
        email: email | Email
        status: status | Status
        title: position | Position
        manager: supervisor | Supervisor
        start_date: hire_date | Hire date
        end_date: termination_date | Termination date
        groups: department | team
        unread: employment_type | weekly_working_hours | termination_type | last_modified_at | subcompany
            | office | cost_centers
        """,
        (
            "first_name | supervisor | weekly_working_hours",
            "first_name | supervisor | subcompany",
            "last_name | position | supervisor | hire_date | status",
            "first_name | subcompany | office",
        ),
        words={"onboarding": True, "leave": True},
    ),
    Preset(
        "workday",
        "Workday (custom report)",
        """
        external_id: Employee_ID | Worker_ID | Workday_ID | WID
        email: Email_-_Primary_Work | primaryWorkEmail | Work_Email | Email_Address | Email
        given_name: Legal_Name_First_Name | Legal_First_Name | First_Name
        family_name: Legal_Name_Last_Name | Legal_Last_Name | Last_Name
        middle_name: Legal_Name_Middle_Name
        preferred_name: Preferred_Name_First_Name | Preferred_First_Name
        display_name: Preferred_Name | Worker | Full_Name
        title: Business_Title | Job_Title | businessTitle | Position_Title
        manager_external_id: Manager_Employee_ID | Manager_ID | Worker's_Manager_ID
        manager_email: Manager_Email | Manager_Work_Email
        manager: Manager | Worker's_Manager | Workers_Manager | Manager_-_Level_01
        status: Worker_Status | Employee_Status
        active: Active_Status | Active | Is_Active
        start_date: Hire_Date | Original_Hire_Date
        end_date: Termination_Date | End_Date
        effective_date: Effective_Date
        primary: Is_Primary_Job | Primary_Job | Primary_Position
        groups: Supervisory_Organization | Department
        unread: Worker_Type | Cost_Center | Cost_Centre | Location | Company | Job_Profile | Job_Family
            | Management_Level
        """,
        (
            "Legal_Name_First_Name",
            "Legal_Name_Last_Name",
            "Employee_ID | Worker_Type",
            "Employee_ID | Supervisory_Organization",
            "Worker | Supervisory_Organization",
            "Worker | Worker_Type",
        ),
    ),
    Preset(
        "hibob",
        "HiBob",
        """
        external_id: Employee ID | Employee ID in company | Bob ID | id
        email: Email | Work email
        given_name: First name
        middle_name: Middle name
        family_name: Last name
        preferred_name: Preferred name
        display_name: Display name | Full name
        title: Job title | Title
        manager_external_id: Reports to ID | Reports to employee ID
        manager_email: Reports to email | Manager email
        manager: Reports to
        start_date: Start date
        end_date: Termination date | Leave date
        status: Lifecycle status | Status
        effective_date: Effective date
        groups: Department | Team
        unread: Site | Employment type | Tenure
        """,
        (
            "Lifecycle status | First name",
            "Reports to | Site",
            "Display name | Reports to | Start date",
        ),
        words={"hired": True, "employed": True, "pending": True, "garden leave": True, "left": False},
    ),
    Preset(
        "ukg",
        "UKG",
        """
        external_id: Employee Number | EmpNo | Employee ID | EEID
        email: Email Address | Work Email | Primary Email | Email
        given_name: First Name | Legal First Name
        family_name: Last Name | Legal Last Name
        middle_name: Middle Name
        preferred_name: Preferred Name | Preferred First Name
        display_name: Employee Name
        title: Job Title | Job | Job Description | Alternate Job Title
        manager_external_id: Supervisor Employee Number | Supervisor Number | Supervisor ID | Supervisor EmpNo
        manager_email: Supervisor Email | Supervisor Email Address
        manager: Supervisor Name | Supervisor
        status: Employment Status | Employment Status Code | Employee Status | Status Code | Status
        start_date: Last Hire Date | Original Hire Date | Hire Date | Date of Last Hire
        end_date: Termination Date | Date of Termination
        groups: Org Level 1 | Org Level 2 | Org Level 3 | Org Level 4 | Department
        unread: Company Code | Company | Location | Location Code | Pay Group | Job Code
            | Full Time Or Part Time
        """,
        (
            "Employee Number | Org Level 1",
            "Employee Number | Company Code | Employment Status",
            "EEID | Supervisor ID",
            "Supervisor Employee Number",
            "Employee Number | Supervisor Number",
        ),
        words={"a": True, "l": True, "o": True, "s": False, "t": False, "r": False, "d": False},
    ),
    Preset(
        "viva-goals",
        "Viva Goals (users file)",
        """
        email: User Email
        display_name: User Name
        given_name: First Name
        family_name: Last Name
        manager_email: Manager Email
        end_date: Deactivation Date
        groups: Teams
        unread: Is Org Admin
        """,
        (
            "User Email | Deactivation Date",
            "User Email | Is Org Admin",
            "User Email | User Name | Manager Email",
        ),
    ),
    Preset(
        "betterworks",
        "Betterworks (users file)",
        """
        external_id: employee_id | employee id
        email: email
        given_name: first_name
        family_name: last_name
        preferred_name: preferred_name
        title: title | job_title
        manager_external_id: manager_id | manager_employee_id
        manager_email: manager_email
        manager: manager
        start_date: hire_date | start_date
        end_date: deactivation_date
        time_zone: timezone
        locale: language
        groups: department
        """,
        (
            "employee_id | deactivation_date",
            "email | deactivation_date",
        ),
    ),
)


def preset_named(name: str) -> Preset | None:
    return next((one for one in PRESETS if one.name == name), None)


def preset_of(headers: frozenset[str]) -> Preset | None:
    """The system that a file's headers, as keys, give away; of several the one that knows most of them."""
    best = max(PRESETS, key=lambda one: one.matched(headers))
    return best if best.matched(headers) else None
