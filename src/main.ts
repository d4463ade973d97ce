import './app/theme.css';
import { mount } from 'svelte';
import App from './app/App.svelte';
import { startUp } from './app/shell/startup';

startUp();
mount(App, { target: document.getElementById('app') as HTMLElement });
