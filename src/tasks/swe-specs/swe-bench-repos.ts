import type { SpecTable } from './repo-spec.ts'

const EDITABLE = 'python -m pip install -e .'
const PYTEST = 'pytest -rA'
const UTF8 = ['export LANG=en_US.UTF-8', 'export LC_ALL=en_US.UTF-8', 'export LANGUAGE=en_US:en']

/** The repositories of SWE-bench, test and dev split (SWE-bench 4.1 `harness/constants/python.py`, `log_parsers/python.py`). */
export const SWE_BENCH_REPOS: SpecTable = {
  'astropy/astropy': {
    test: PYTEST,
    parser: 'pytest-v2',
    install: 'python -m pip install -e .[test] --verbose',
    versions: [{ from: '0.1', to: '1.3', test: 'pytest -rA -vv -o console_output_style=classic --tb=no' }],
  },
  'django/django': {
    test: './tests/runtests.py --verbosity 2 --settings=test_sqlite --parallel 1',
    parser: 'django',
    install: EDITABLE,
    targets: 'django',
    versions: [
      { to: '1.6', install: 'python setup.py install' },
      {
        from: '1.9',
        to: '1.9',
        test: './tests/runtests.py --verbosity 2',
        install: 'python setup.py install',
        exports: [...UTF8, 'export PYTHONIOENCODING=utf8'],
      },
      { to: '2.2', install: 'python setup.py install', exports: [...UTF8, 'export PYTHONIOENCODING=utf8'] },
      {
        from: '3.0',
        to: '3.2',
        exports: UTF8,
        prepare: ["sed -i '/en_US.UTF-8/s/^# //g' /etc/locale.gen && locale-gen"],
      },
    ],
  },
  'matplotlib/matplotlib': {
    test: PYTEST,
    parser: 'matplotlib',
    install: EDITABLE,
    versions: [
      { to: '2.2', install: 'python setup.py build; python setup.py install' },
      { from: '3.8', install: 'python -m pip install --no-build-isolation -e ".[dev]"' },
    ],
  },
  'mwaskom/seaborn': {
    test: 'pytest --no-header -rA',
    parser: 'seaborn',
    install: 'python -m pip install -e .[dev]',
    versions: [{ to: '0.11', install: EDITABLE }],
  },
  'pallets/flask': { test: PYTEST, parser: 'pytest', install: EDITABLE },
  'psf/requests': { test: PYTEST, parser: 'pytest-options', install: 'python -m pip install .', network: true },
  'pydata/xarray': { test: PYTEST, parser: 'pytest', install: EDITABLE },
  'pylint-dev/pylint': { test: PYTEST, parser: 'pytest-options', install: EDITABLE },
  'pytest-dev/pytest': { test: PYTEST, parser: 'pytest', install: EDITABLE },
  'scikit-learn/scikit-learn': {
    test: PYTEST,
    parser: 'pytest-v2',
    install: 'python -m pip install -v --no-use-pep517 --no-build-isolation -e .',
  },
  'sphinx-doc/sphinx': {
    test: 'tox --current-env -epy39 -v --',
    parser: 'pytest-v2',
    install: 'python -m pip install -e .[test]',
  },
  'sympy/sympy': {
    test: "PYTHONWARNINGS='ignore::UserWarning,ignore::SyntaxWarning' bin/test -C --verbose",
    parser: 'sympy',
    install: EDITABLE,
  },
  'marshmallow-code/marshmallow': { test: PYTEST, parser: 'pytest', install: "python -m pip install -e '.[dev]'" },
  'pvlib/pvlib-python': { test: PYTEST, parser: 'pytest', install: 'python -m pip install -e .[all]' },
  'pydicom/pydicom': { test: PYTEST, parser: 'pytest-options', install: EDITABLE },
  'pylint-dev/astroid': { test: PYTEST, parser: 'pytest', install: EDITABLE },
  'pyvista/pyvista': { test: PYTEST, parser: 'pytest', install: EDITABLE },
  'sqlfluff/sqlfluff': { test: PYTEST, parser: 'pytest', install: EDITABLE },
}
