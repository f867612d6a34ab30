import type { SpecTable } from './repo-spec.ts'

const MYPY = 'python -m pip install -r test-requirements.txt; python -m pip install -e .; hash -r'
const CONAN = [
  'python -m pip install -r conans/requirements.txt',
  'python -m pip install -r conans/requirements_server.txt',
  'python -m pip install -r conans/requirements_dev.txt',
].join('; ')
/** Cython 3 does not build PyYAML of that time (conan-io/conan#14319). */
const CONAN_OLD = `echo 'cython<3' > /tmp/constraint.txt; export PIP_CONSTRAINT=/tmp/constraint.txt; ${CONAN}`
const DVC = [
  'python -m pip install --upgrade pip wheel GitPython',
  'python -m pip install "cython<3.0.0" && python -m pip install --no-build-isolation pyyaml==5.4.1',
  'python -m pip install git+https://github.com/iterative/mock-ssh-server.git || true',
  'python -m pip install -r tests/requirements.txt || true',
  'python -m pip install -r test-requirements.txt || true',
  'python -m pip install -e ".[tests,dev,all_remotes,all,testing]"',
].join('; ')
const PANDAS = 'python -m pip install -ve . --no-build-isolation -Ceditable-verbose=true; pip uninstall pytest-qt -y'
const HYDRA = 'pip install -r requirements/dev.txt; pip install -e .'
const HYDRA_OLD = [
  "sed -i 's|isort@git+git://github.com/timothycrosley/isort|isort@git+https://github.com/timothycrosley/isort|g' requirements/dev.txt",
  '{ tail -n1 requirements/requirements.txt | grep -q "." && echo ""; } >> requirements/requirements.txt',
  'echo "pip==24.0" >> requirements/requirements.txt',
  'pip install "pip==24.0"',
  HYDRA,
].join('; ')

/** The repositories of SWE-Gym (SWE-Gym `SWE-Bench-Fork`, `swebench/harness/constants.py` and `log_parsers.py`). */
export const SWE_GYM_REPOS: SpecTable = {
  'bokeh/bokeh': {
    test: 'pytest -rA -n0',
    parser: 'pytest',
    install: 'python -m pip install -e .; python -m pip install bokeh_sampledata',
    versions: [
      {
        to: '2.99',
        install: 'pip install "setuptools<66" "jinja2<3.1"; printf "1\\n" | python setup.py develop; bokeh sampledata',
      },
    ],
  },
  'conan-io/conan': {
    test: 'pytest -n0 -rA',
    parser: 'pytest',
    install: CONAN,
    exports: ['export PYTHONPATH="${PYTHONPATH:-}:$PWD"'],
    versions: [
      { to: '1.59', install: CONAN_OLD },
      { from: '2.0', to: '2.0', install: CONAN_OLD },
    ],
  },
  'dask/dask': {
    test: 'pytest -n0 -rA --color=no',
    parser: 'pytest',
    install: 'python -m pip install --no-deps -e .',
  },
  'facebookresearch/hydra': {
    test: 'pytest -rA --tb=long',
    parser: 'pytest',
    install: HYDRA,
    versions: [{ to: '1.2', install: HYDRA_OLD }],
  },
  'getmoto/moto': { test: 'pytest -n0 -rA', parser: 'pytest', install: 'make init' },
  'iterative/dvc': {
    test: 'pytest -rA',
    parser: 'pytest',
    install: DVC,
    versions: [{ to: '3.3', install: `${DVC}; python -m pip install "numpy<=1.20"; python -m pip install "pytest<8"` }],
  },
  'modin-project/modin': {
    test: 'pytest -n0 -rA',
    parser: 'pytest',
    install: 'python -m pip install -e .',
    versions: [
      { to: '0.19', install: 'python -m pip install -e .; python -m pip install numpy==1.23.1 protobuf==3.20.1' },
    ],
  },
  'pandas-dev/pandas': {
    test: 'pytest -rA --tb=long',
    parser: 'pytest',
    install: PANDAS,
    versions: [{ to: '2.1', install: `python -m pip install 'numpy<2'; ${PANDAS}` }],
  },
  'project-monai/monai': {
    test: 'pytest -rA',
    parser: 'pytest',
    install: [
      String.raw`sed -i '/^git+https:\/\/github.com\/Project-MONAI\//d' requirements-dev.txt`,
      'python -m pip install types-pkg-resources==0.1.3 pytest',
      'pip install -r requirements-dev.txt',
      'python setup.py develop',
    ].join('; '),
  },
  'pydantic/pydantic': {
    test: 'pytest -rA --tb=short -vv -o console_output_style=classic --no-header',
    parser: 'pytest-pydantic',
    install: 'pdm add pre-commit; make install',
    exports: ['export PATH="$HOME/.local/bin:$PATH"'],
  },
  'python/mypy': {
    test: 'pytest -n0 -rA',
    parser: 'pytest',
    install: MYPY,
    targets: 'mypy',
    versions: [
      { from: '1.7', test: 'pytest -rA' },
      {
        to: '0.990',
        install:
          'python -m pip install -r test-requirements.txt; python -m pip install -e .; pip install pytest pytest-xdist; hash -r',
      },
    ],
  },
}
